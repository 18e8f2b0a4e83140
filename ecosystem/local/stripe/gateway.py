"""The way of every API request: key, operation, trouble, parameters, idempotency, answer.

Sources: https://docs.stripe.com/api/authentication, https://docs.stripe.com/api/errors,
https://docs.stripe.com/api/idempotent_requests.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from ecosystem.local.stripe import routes, schemas
from ecosystem.local.stripe.answers import CutShort, answer
from ecosystem.local.stripe.errors import StripeRefusal, invalid
from ecosystem.local.stripe.faults import ApiFault
from ecosystem.local.stripe.files import MAX_BYTES as MAX_UPLOAD_BYTES
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import expand, page_of
from ecosystem.local.stripe.sessions import served_lines
from ecosystem.local.stripe.storage import Body, dumps

IDEMPOTENCY_SECONDS = 24 * 3600
MAX_KEY_LENGTH = 255
MAX_BODY_BYTES = 1_000_000
REMEMBERED_REQUESTS = 1000
UPLOADS = "/v1/files"


@dataclass(frozen=True)
class Answer:
    """What goes back: a status and a JSON body; ``replayed`` if it was given before."""

    status: int
    body: Body
    replayed: bool = False


class Gateway:
    """Answers ``/v1`` requests; remembers the last ones for conformance tests."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.requests: deque[Body] = deque(maxlen=REMEMBERED_REQUESTS)

    async def __call__(self, request: Request) -> Response:
        """Answer one request; a refusal is an answer too."""
        request_id = new_id("req", 14)
        record: Body = {
            "request_id": request_id,
            "at": self._platform.time(),
            "method": request.method,
            "path": request.url.path,
            "version": request.headers.get("stripe-version"),
            "account": request.headers.get("stripe-account"),
            "idempotency_key": request.headers.get("idempotency-key"),
        }
        cut = False
        try:
            check_key(request.headers, self._platform.config.secret_key)
            fault = self._platform.faults.take(request.method, request.url.path)
            if fault is not None:
                record["fault"] = fault.kind
                await _meet(fault)
                cut = fault.kind == "cut_after"
            text, upload = await _sent(request)
            result = await self._answer(request, text, upload, request_id, record)
        except StripeRefusal as refusal:
            result = Answer(refusal.status, {"error": dict(refusal.body)})
        record["status"] = result.status
        self.requests.append(record)
        headers = {
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("stripe-version") or schemas.api_version(),
        }
        key = request.headers.get("idempotency-key")
        if key and request.method == "POST":
            headers["Idempotency-Key"] = key
        if result.replayed:
            headers["Idempotent-Replayed"] = "true"
        if cut:
            return CutShort(dumps(result.body).encode(), headers)
        return answer(result.status, result.body, headers)

    async def _answer(
        self, request: Request, text: str, upload: bytes | None, request_id: str, record: Body
    ) -> Answer:
        found = routes.find(request.method, request.url.path)
        if found is None:
            message = (
                f"Unrecognized request URL ({request.method}: {request.url.path}). "
                "The stand-in does not serve it."
            )
            raise StripeRefusal(message, status=404)
        template, operation, path = found
        record["operation"] = f"{request.method} {template}"
        params = schemas.read(request.method, template, text)
        record["params"] = params
        account = self._account(request)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        call = Call(params, path, account, request_id, key, upload)
        if key is None:
            return self._run(operation, call)
        if len(key) > MAX_KEY_LENGTH:
            raise invalid(f"Idempotency keys can be at most {MAX_KEY_LENGTH} characters long.")
        mark = _fingerprint(request.method, request.url.path, text, upload)
        return self._run_once(operation, call, key, mark, request.url.path)

    def _account(self, request: Request) -> str:
        account = request.headers.get("stripe-account", "")
        if account and self._platform.store.get(account, "account") is None:
            message = (
                f"The provided key does not have access to account '{account}' (or that account "
                "does not exist). Application access may have been revoked."
            )
            raise StripeRefusal(message, status=403, code="account_invalid")
        return account

    def _run(self, operation: routes.Operation, call: Call) -> Answer:
        platform = self._platform
        platform.call = call
        try:
            with platform.store.transaction():
                body = operation(platform, call)
                paths = [str(path) for path in call.params.get("expand", [])]
                return Answer(200, expand(body, paths, self._look_up))
        finally:
            platform.call = None

    def _run_once(
        self, operation: routes.Operation, call: Call, key: str, mark: str, path: str
    ) -> Answer:
        """Run an operation unless its key was used: then give the same answer again.

        A refusal by the operation itself is remembered too; one by the parameter check is not.
        """
        store = self._platform.store
        now = self._platform.now()
        store.run("DELETE FROM idempotency WHERE created<=?", (now - IDEMPOTENCY_SECONDS,))
        row = store.run(
            "SELECT fingerprint, status, body, path FROM idempotency WHERE account=? AND key=?",
            (call.account, key),
        ).fetchone()
        if row is not None:
            if row[0] != mark:
                raise _other_parameters(key, path, row[3])
            return Answer(int(row[1]), json.loads(row[2]), replayed=True)
        with store.transaction():
            try:
                result = self._run_inside(operation, call)
            except StripeRefusal as refusal:
                result = Answer(refusal.status, {"error": dict(refusal.body)})
            store.run(
                "INSERT INTO idempotency (account, key, fingerprint, path, status, body, created)"
                " VALUES (?,?,?,?,?,?,?)",
                (call.account, key, mark, path, result.status, dumps(result.body), now),
            )
        return result

    def _run_inside(self, operation: routes.Operation, call: Call) -> Answer:
        """Run inside a savepoint, so that a refusal leaves nothing but its own record."""
        store = self._platform.store
        store.run("SAVEPOINT operation")
        try:
            result = self._run(operation, call)
        except BaseException:
            store.run("ROLLBACK TO operation")
            raise
        finally:
            store.run("RELEASE operation")
        return result

    def _look_up(self, id: str, kind: str) -> Body | None:
        store = self._platform.store
        if kind == "checkout.session.line_items":
            return page_of(
                served_lines(self._platform, id), f"/v1/checkout/sessions/{id}/line_items"
            )
        if kind == "charge.refunds":
            found = store.select("refund", "json_extract(body, '$.charge')=?", [id])
            return page_of(found, f"/v1/charges/{id}/refunds")
        return store.get(id, kind)


def check_key(headers: Mapping[str, str], secret_key: str) -> None:
    """Let in only who has the secret key, as bearer token or as the user of basic auth.

    Raises:
        StripeRefusal: 401.
    """
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        message = (
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
        raise StripeRefusal(message, status=401)
    if not hmac.compare_digest(given.encode(), secret_key.encode()):
        shown = given[:8] + "*" * 8 + given[-4:] if len(given) > 16 else "*" * len(given)
        raise StripeRefusal(f"Invalid API Key provided: {shown}", status=401)


async def _meet(fault: ApiFault) -> None:
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    elif fault.kind == "500":
        raise StripeRefusal("An unexpected error occurred.", status=500, type="api_error")
    elif fault.kind == "429":
        message = "Request rate limit exceeded."
        raise StripeRefusal(message, status=429, code="rate_limit")


async def _sent(request: Request) -> tuple[str, bytes | None]:
    """The parameters as a form or query string, and the file that came along, if any."""
    if request.method == "GET":
        return request.url.query, None
    if request.url.path == UPLOADS:
        return await _upload(request)
    return await _text(request), None


async def _upload(request: Request) -> tuple[str, bytes | None]:
    """A form with a file in it: the file's name stands for it among the parameters."""
    if int(request.headers.get("content-length", 0)) > MAX_UPLOAD_BYTES + MAX_BODY_BYTES:
        raise StripeRefusal("The request body is too large.", status=413)
    content: bytes | None = None
    fields: list[tuple[str, str]] = []
    async with request.form(max_files=1) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                fields.append((name, value.filename or "file"))
            else:
                fields.append((name, value))
    if content is not None and len(content) > MAX_UPLOAD_BYTES:
        raise invalid("The file is larger than 5 MB.", "file")
    return urlencode(fields), content


async def _text(request: Request) -> str:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise StripeRefusal("The request body is too large.", status=413)
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded")
    if body and not kind.startswith("application/x-www-form-urlencoded"):
        message = (
            f"Invalid request (content-type {kind}): the API takes "
            "application/x-www-form-urlencoded bodies."
        )
        raise invalid(message)
    try:
        return body.decode() or request.url.query
    except UnicodeDecodeError:
        raise invalid("Invalid request: the body is not UTF-8.") from None


def _fingerprint(method: str, path: str, text: str, upload: bytes | None) -> str:
    return hashlib.sha256(f"{method} {path}\n{text}".encode() + (upload or b"")).hexdigest()


def _other_parameters(key: str, path: str, first_path: str) -> StripeRefusal:
    if path != first_path:
        message = (
            f"Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{path}' vs '{first_path}'). Try using a key other than '{key}' if you "
            "meant to execute a different request."
        )
    else:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
    return StripeRefusal(message, type="idempotency_error")
