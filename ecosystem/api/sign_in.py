"""Signing up, in and out. Plain HTML forms get a redirect, programs get JSON.

A form's mistake leads back to its page with a sealed note (``f``) that says what is wrong
with which field and fills in what was typed, except the password. What depends on whether
an address is known here takes at least ``AT_LEAST_SECONDS``, whatever the answer.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from ecosystem.api.auth import check_origin, cookie_name, session_cookie
from ecosystem.api.description import form
from ecosystem.api.limits import spend
from ecosystem.api.reader import CURRENCY, LANGUAGE, remember
from ecosystem.domain import cookies
from ecosystem.domain.errors import EcosystemError, Invalid, TooManyRequests
from ecosystem.domain.language import _
from ecosystem.domain.paths import HOME, own_path
from ecosystem.services.challenges import LIFETIME
from ecosystem.services.form_notes import FormNote
from ecosystem.services.readers import chosen
from ecosystem.services.sessions import ABSOLUTE
from ecosystem.services.sign_in import CodeWanted, Entered, SignIn
from ecosystem.wiring import services

router = APIRouter(prefix="/api/auth", tags=["sign-in"])

LARGEST_BODY = 32_768
AT_LEAST_SECONDS = 0.6
_INVITATION = re.compile(r"[A-Za-z0-9_-]{20,100}")

Kind = Literal["sign_in", "code", "mail"]


@dataclass(frozen=True)
class Sent:
    """What came in. ``page`` is where the form is, ``next`` where its sender wants to go."""

    request: Request
    page: str
    html: bool
    data: dict[str, Any]
    next: str

    @property
    def door(self) -> SignIn:
        return services().sign_in

    def back(self, note: FormNote, page: str = "") -> str:
        """The address of a page with a note in it."""
        query = {"f": self.door.notes.seal(note)} | ({"next": self.next} if self.next else {})
        return f"{page or self.page}?{urlencode(query)}"

    def answer(self, location: str, body: dict[str, Any], status: int = 200) -> Response:
        """A redirect for a form, ``body`` for a program."""
        if self.html:
            return RedirectResponse(location, 303)
        return JSONResponse({"next": location, **body}, status)


@router.post("/sign-in", openapi_extra=form(("email", "password"), "next"))
async def sign_in(request: Request) -> Response:
    """``email``, ``password``; sets the session's cookie. 202 if a second factor is next."""
    sent = await _sent(request, "/sign-in")

    def act() -> Response:
        entered = sent.door.sign_in(
            _only(sent, "email", "password"), cookie=session_cookie(request)
        )
        return _entered(sent, entered)

    return await _answered(sent, "sign_in", act, slowly=True)


@router.post("/second-factor", openapi_extra=form(("code",), "next"))
async def second_factor(request: Request) -> Response:
    """``code`` of the authenticator app, after a sign-in that asked for one."""
    sent = await _sent(request, "/second-factor")
    settings = services().settings
    challenge = request.cookies.get(cookie_name(cookies.CHALLENGE, settings), "")

    def act() -> Response:
        entered = sent.door.second_factor(
            challenge, _only(sent, "code"), cookie=session_cookie(request)
        )
        return _entered(sent, entered)

    return await _answered(sent, "code", act)


@router.post(
    "/sign-up",
    openapi_extra=form(
        ("name", "email", "password"), "role", "organisation", "country", "invitation", "next"
    ),
)
async def sign_up(request: Request) -> Response:
    """``role name email password`` and, for companies, ``organisation country``; for who
    follows the link into an operator's team, its ``invitation``.

    The answer is the same for an address that has an account.
    """
    sent = await _sent(request, "/sign-up")
    if _INVITATION.fullmatch(str(sent.data.get("invitation", ""))):
        sent = replace(sent, page=f"/join/{sent.data['invitation']}")

    def act() -> Response:
        email = sent.door.sign_up(
            _only(
                sent,
                "role",
                "name",
                "email",
                "password",
                "organisation",
                "country",
                "invitation",
            )
        )
        note = FormNote(
            values={"email": email}, done=_("We have mailed you a code. Enter it here.")
        )
        return sent.answer(sent.back(note, "/confirm"), {"email": email}, 202)

    return await _answered(sent, "mail", act, slowly=True)


@router.post("/confirm", openapi_extra=form(("email", "code"), "next"))
async def confirm(request: Request) -> Response:
    """``email`` and the mailed ``code``."""
    sent = await _sent(request, "/confirm")

    def act() -> Response:
        email = sent.door.confirm(_only(sent, "email", "code"))
        note = FormNote(values={"email": email}, done=_("Your address is confirmed. Sign in now."))
        return sent.answer(sent.back(note, "/sign-in"), {"email": email})

    return await _answered(sent, "code", act)


@router.post("/resend", openapi_extra=form(("email",), "next"))
async def resend(request: Request) -> Response:
    """``email``: mail the confirmation code again."""
    sent = await _sent(request, "/confirm")

    def act() -> Response:
        email = sent.door.resend(_only(sent, "email"))
        note = FormNote(
            values={"email": email}, done=_("If this address waits for a code, a new one is there.")
        )
        return sent.answer(sent.back(note), {"email": email}, 202)

    return await _answered(sent, "mail", act, slowly=True)


@router.post("/forgot-password", openapi_extra=form(("email",), "next"))
async def forgot_password(request: Request) -> Response:
    """``email``: mail a code to choose a new password with."""
    sent = await _sent(request, "/forgot-password")

    def act() -> Response:
        email = sent.door.forgot_password(_only(sent, "email"))
        note = FormNote(
            code="code_sent",
            values={"email": email},
            done=_("If there is an account with this address, a code is on its way."),
        )
        return sent.answer(sent.back(note), {"email": email}, 202)

    return await _answered(sent, "mail", act, slowly=True)


@router.post("/reset-password", openapi_extra=form(("email", "code", "password"), "next"))
async def reset_password(request: Request) -> Response:
    """``email``, the mailed ``code``, the new ``password``. Ends every session."""
    sent = await _sent(request, "/forgot-password")

    def act() -> Response:
        email = sent.door.reset_password(_only(sent, "email", "code", "password"))
        note = FormNote(
            values={"email": email}, done=_("Your new password is set. Sign in with it.")
        )
        return sent.answer(sent.back(note, "/sign-in"), {"email": email})

    return await _answered(sent, "code", act, slowly=True)


@router.post("/sign-out", openapi_extra=form((), "next"))
async def sign_out(request: Request) -> Response:
    """End this browser's session. Fine to repeat."""
    sent = await _sent(request, "/")
    await run_in_threadpool(sent.door.sign_out, session_cookie(request))
    answer = sent.answer(sent.next or "/", {"signed_out": True})
    _forget(answer, cookies.SESSION)
    return answer


# --- inside ----------------------------------------------------------------------------


async def _sent(request: Request, page: str) -> Sent:
    """Read a form or JSON.

    Raises:
        Forbidden: it came from another site.
        Invalid: too large, or neither of the two.
    """
    check_origin(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Invalid(_("This is too much to send here."), code="too_large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    data: Any
    try:
        if kind in ("application/json", ""):
            data = _json_object(bytes(body))
            # Without a body nothing says who asks, except what answer it understands.
            html = not body and "text/html" in request.headers.get("accept", "")
        elif kind == "application/x-www-form-urlencoded":
            data = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=40))
            html = True
        else:
            raise Invalid(_("Send a form or JSON."), code="unsupported_content")
    except ValueError as error:
        raise Invalid(_("The body can't be read."), code="invalid_body") from error
    return Sent(request, page, html, data, own_path(data.get("next")))


def _json_object(body: bytes) -> dict[str, Any]:
    """A JSON object; nothing at all is an empty one. Raises ``ValueError``."""
    try:
        data = json.loads(body) if body.strip() else {}
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data


def _only(sent: Sent, *names: str) -> dict[str, Any]:
    """The fields of a form. A program's unknown fields are refused, not dropped."""
    if sent.html:
        return {name: sent.data[name] for name in names if name in sent.data}
    return {name: value for name, value in sent.data.items() if name != "next"}


async def _answered(
    sent: Sent, kind: Kind, act: Callable[[], Response], *, slowly: bool = False
) -> Response:
    """Run ``act``; a form's error leads back to its page, a program's is raised."""
    try:
        spend(kind, sent.request)
        if not slowly:
            return await run_in_threadpool(act)
        async with _at_least(AT_LEAST_SECONDS):
            return await run_in_threadpool(act)
    except EcosystemError as error:
        if not sent.html:
            raise
        return _back(sent, error)


@asynccontextmanager
async def _at_least(seconds: float) -> AsyncIterator[None]:
    """Let this block take so long, unless what was sent was not even tried."""
    begun = time.monotonic()
    try:
        yield
    finally:
        left = seconds - (time.monotonic() - begun)
        if left > 0:
            await asyncio.sleep(left)


def _back(sent: Sent, error: EcosystemError) -> Response:
    page = {
        "email_not_confirmed": "/confirm",
        "password_reset_required": "/forgot-password",
    }.get(error.code, sent.page)
    if error.code == "expired_code" and sent.page == "/second-factor":
        page = "/sign-in"
    note = FormNote.of_error(error, sent.data)
    if page != sent.page:
        # The field of the message is not on that page.
        note = FormNote(code=note.code, problem=error.detail, values=note.values)
    location = sent.back(note, page)
    if isinstance(error, TooManyRequests):
        # The status is for programs; a person is taken to the page that explains it.
        return HTMLResponse(
            f'<!doctype html><meta http-equiv="refresh" content="0;url={escape(location)}">'
            f'<p><a href="{escape(location)}">{escape(error.detail)}</a></p>',
            429,
            {"Retry-After": str(error.data["retry_after"])},
        )
    return RedirectResponse(location, 303)


def _entered(sent: Sent, entered: Entered | CodeWanted) -> Response:
    if isinstance(entered, CodeWanted):
        query = f"?{urlencode({'next': sent.next})}" if sent.next else ""
        answer = sent.answer(f"/second-factor{query}", {"second_factor": True}, 202)
        _set(
            answer,
            cookies.CHALLENGE,
            entered.challenge,
            int(LIFETIME["sign-in"].total_seconds()),
        )
        return answer
    actor = entered.actor
    to = sent.next or HOME[actor.role]
    # Her agency asks for a second factor: that is set up before anything else.
    to = "/account" if actor.enrol_first else to
    answer = sent.answer(to, {"role": actor.role, "enrol_first": actor.enrol_first})
    browser = chosen(sent.request.cookies.get(LANGUAGE), sent.request.cookies.get(CURRENCY))
    remember(answer, services().readers.meet(actor, browser))
    _set(answer, cookies.SESSION, entered.cookie, int(ABSOLUTE.total_seconds()))
    _forget(answer, cookies.CHALLENGE)
    return answer


def _set(answer: Response, name: str, value: str, seconds: int) -> None:
    settings = services().settings
    answer.set_cookie(
        cookie_name(name, settings),
        value,
        max_age=seconds,
        path="/",
        secure=not settings.local,
        httponly=True,
        samesite="lax",
    )


def _forget(answer: Response, name: str) -> None:
    settings = services().settings
    answer.delete_cookie(
        cookie_name(name, settings),
        path="/",
        secure=not settings.local,
        httponly=True,
        samesite="lax",
    )
