"""``/_control``: what no Stripe has, for tests and for the demo. Needs the secret key.

- ``POST faults`` – see ``faults``; ``GET faults`` shows what is on.
- ``POST clock`` ``{"advance": seconds}`` – move the stand-in's clock forward.
- ``POST sessions/{id}/pay`` ``{"card", "email"?, "settles_later"?}`` – pay without a browser.
- ``POST sessions/{id}/settle`` ``{"succeeds"}`` – decide a payment that settles later.
- ``POST disputes/{id}`` ``{"verdict": "won"|"lost"}`` – end a dispute.
- ``POST charges/{id}/dispute`` – open one.
- ``POST refunds/{id}/fail`` – send a refund back.
- ``POST accounts/{id}`` ``{"action": "activate"|"restrict"|"deauthorize"|"pay_out"|"fail_payout"}``
- ``POST redeliver/{event}`` – send an event once more; ``GET deliveries`` – what was sent.
- ``POST fixtures`` – see ``fixtures``.
- ``GET requests`` – the last API requests, oldest first; ``?operation=`` filters.
"""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ecosystem.local.stripe import accounts, cards, disputes, imports, payments, payouts, refunds
from ecosystem.local.stripe.answers import answer
from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing
from ecosystem.local.stripe.faults import MODES
from ecosystem.local.stripe.gateway import check_key
from ecosystem.local.stripe.platform import Platform
from ecosystem.local.stripe.storage import Body

Action = Callable[[list[str], Body], Body]


class Control:
    """Answers the control requests of one stand-in."""

    def __init__(self, platform: Platform, requests: "deque[Body]") -> None:
        self._platform = platform
        self._requests = requests
        self._actions: dict[tuple[str, str, int], Action] = {
            ("GET", "faults", 0): lambda _path, _body: self._faults(),
            ("POST", "faults", 0): self._set_faults,
            ("POST", "clock", 0): self._advance,
            ("POST", "sessions", 2): self._session,
            ("POST", "disputes", 1): self._dispute,
            ("POST", "charges", 2): self._charge,
            ("POST", "refunds", 2): self._refund,
            ("POST", "accounts", 1): self._account,
            ("POST", "redeliver", 1): self._redeliver,
            ("GET", "deliveries", 0): lambda _path, _body: self._deliveries(),
            ("POST", "fixtures", 0): lambda _path, body: imports.load(self._platform, body),
        }

    async def __call__(self, request: Request) -> Response:
        """Answer one control request."""
        try:
            check_key(request.headers, self._platform.config.secret_key)
            name, *path = str(request.path_params["rest"]).split("/")
            if (request.method, name) == ("GET", "requests"):
                return answer(200, self._recorded(request.query_params.get("operation")))
            action = self._actions.get((request.method, name, len(path)))
            if action is None:
                raise StripeRefusal("There is no such control.", status=404)
            return answer(200, action(path, await _body(request)))
        except StripeRefusal as refusal:
            return answer(refusal.status, {"error": refusal.body})
        except ValueError as error:
            return answer(400, {"error": invalid(f"A value can't be read: {error}").body})

    def _recorded(self, operation: str | None) -> Body:
        found = [r for r in self._requests if operation in (None, r.get("operation"))]
        return {"requests": found}

    def _faults(self) -> Body:
        faults = self._platform.faults
        webhook = {
            key: value for key, value in vars(faults.webhook).items() if key != "window_ends"
        }
        return {
            "webhook": webhook,
            "api": [dict(vars(item)) for item in faults.api],
            "modes": MODES,
        }

    def _set_faults(self, path: list[str], body: Body) -> Body:
        self._platform.faults.set_from(body)
        return self._faults()

    def _advance(self, path: list[str], body: Body) -> Body:
        self._platform.advance(float(body.get("advance", 0)))
        self._platform.wake()
        return {"now": self._platform.now()}

    def _session(self, path: list[str], body: Body) -> Body:
        session_id, what = path
        card = cards.card_for(cards.digits(str(body.get("card", "4242424242424242"))))
        if what == "settle":
            succeeds = bool(body.get("succeeds", True))
            return payments.settle(self._platform, session_id, card, succeeds=succeeds)
        if what != "pay":
            raise StripeRefusal("There is no such control.", status=404)
        try:
            return payments.pay(
                self._platform,
                session_id,
                card,
                email=body.get("email"),
                name=body.get("name"),
                authenticated=bool(body.get("authenticated", True)),
                settles_later=bool(body.get("settles_later", False)),
            )
        except payments.Declined as declined:
            message = str(declined)
            raise StripeRefusal(message, status=402, type="card_error", code=card.code) from None
        except payments.SessionClosed:
            raise invalid("This Checkout Session is not open any more.") from None

    def _dispute(self, path: list[str], body: Body) -> Body:
        verdict = body.get("verdict")
        if verdict not in ("won", "lost"):
            raise invalid("Invalid verdict: must be one of won, or lost", "verdict")
        with self._platform.store.transaction():
            dispute = disputes.fetch(self._platform, path[0])
            return disputes.decide(self._platform, dispute, verdict)

    def _charge(self, path: list[str], body: Body) -> Body:
        charge = self._platform.store.get(path[0], "charge", "")
        if charge is None or path[1] != "dispute":
            raise missing("charge", path[0])
        if charge["status"] != "succeeded" or charge["disputed"]:
            raise invalid(f"Charge {path[0]} can't be disputed.")
        with self._platform.store.transaction():
            reason = str(body.get("reason", "fraudulent"))
            return disputes.open_dispute(self._platform, charge, reason)

    def _refund(self, path: list[str], body: Body) -> Body:
        if path[1] != "fail":
            raise StripeRefusal("There is no such control.", status=404)
        return refunds.fail(self._platform, path[0], str(body.get("reason", "lost_or_stolen_card")))

    def _account(self, path: list[str], body: Body) -> Body:
        platform, action = self._platform, body.get("action")
        account = accounts.fetch(platform, path[0])
        id = str(account["id"])
        with platform.store.transaction():
            if action in ("activate", "restrict"):
                return accounts.change_abilities(platform, account, active=action == "activate")
            if action == "deauthorize":
                application: Body = {"id": "ca_local", "object": "application", "name": "Ecosystem"}
                platform.emit("account.application.deauthorized", application, account=id)
                platform.store.remove(id)
                return {"id": id, "object": "account", "deauthorized": True}
            if action in ("pay_out", "fail_payout"):
                made = payouts.make(platform, id, fails=action == "fail_payout")
                return {"payouts": made}
        choices = "activate, restrict, deauthorize, pay_out, or fail_payout"
        raise invalid(f"Invalid action: must be one of {choices}", "action")

    def _redeliver(self, path: list[str], body: Body) -> Body:
        event = self._platform.store.get(path[0], "event")
        if event is None:
            raise missing("event", path[0])
        endpoint = "connect" if event.get("account") else "platform"
        self._platform.store.run(
            "INSERT INTO deliveries (event, endpoint, due) VALUES (?,?,?)",
            (path[0], endpoint, self._platform.config.wall()),
        )
        self._platform.wake()
        return {"event": path[0], "endpoint": endpoint}

    def _deliveries(self) -> Body:
        rows = self._platform.store.run(
            """SELECT d.event, json_extract(o.body, '$.type'), d.endpoint, d.attempt, d.status,
                      d.due, d.answer
               FROM deliveries d LEFT JOIN objects o ON o.id=d.event
               ORDER BY d.seq DESC LIMIT 500"""
        )
        names = ("event", "type", "endpoint", "attempt", "status", "due", "answer")
        return {"deliveries": [dict(zip(names, row, strict=True)) for row in rows]}


async def _body(request: Request) -> Body:
    text = await request.body()
    if not text:
        return {}
    try:
        value: Any = json.loads(text)
    except ValueError:
        raise invalid("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.")
    return value
