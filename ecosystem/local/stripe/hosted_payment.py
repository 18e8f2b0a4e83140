"""The hosted payment page of a Checkout Session, its authentication step and the receipt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ecosystem.local.stripe import cards, layout, payments, sessions
from ecosystem.local.stripe.money import words
from ecosystem.local.stripe.platform import Platform
from ecosystem.local.stripe.storage import Body

_SEE_OTHER = 303


@dataclass
class Typed:
    """What the buyer typed, with what is wrong about it, by field name."""

    number: str = ""
    expiry: str = ""
    cvc: str = ""
    name: str = ""
    email: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def read_form(form: Mapping[str, object], today: datetime, *, ask_email: bool) -> Typed:
    """Check the fields of the payment form.

    Args:
        today: decides whether a card has expired.
        ask_email: the session has no address yet, so one may be given.
    """

    def text(name: str) -> str:
        return str(form.get(name, "")).strip()[:200]

    typed = Typed(text("number"), text("expiry"), text("cvc"), text("name"), text("email"))
    number = cards.digits(typed.number)
    if not number:
        typed.errors["number"] = "Enter the number on the front of the card."
    elif not cards.looks_like_a_card(number):
        typed.errors["number"] = "This is not a valid card number. Check it digit by digit."
    problem = _expiry_problem(typed.expiry, today)
    if problem:
        typed.errors["expiry"] = problem
    if not (typed.cvc.isascii() and typed.cvc.isdigit() and len(typed.cvc) in (3, 4)):
        typed.errors["cvc"] = "Enter the 3 or 4 digits of the security code."
    if ask_email and typed.email and "." not in typed.email.partition("@")[2]:
        typed.errors["email"] = "This address has no domain ending. The receipt goes there."
    return typed


def _expiry_problem(text: str, today: datetime) -> str:
    plain = "".join(mark for mark in text if mark not in " /-.")
    if not plain:
        return "Enter the expiry date as MM / YY."
    if not (plain.isascii() and plain.isdigit() and len(plain) in (3, 4, 6)):
        return "Write the expiry date as MM / YY."
    plain = plain.zfill(4) if len(plain) == 3 else plain
    month, year = int(plain[:2]), int(plain[2:])
    year += 2000 if year < 100 else 0
    if not 1 <= month <= 12:
        return "The month must be between 01 and 12."
    if (year, month) < (today.year, today.month):
        return "This card has expired."
    if year > today.year + 50:
        return "This year is too far away."
    return ""


class PaymentPages:
    """The pages of one stand-in."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._brand = platform.config.return_brand

    async def show_or_pay(self, request: Request) -> Response:
        """``GET`` the form, ``POST`` an attempt."""
        sessions.expire_due(self._platform)
        session = self._session(request)
        if session is None:
            return self._unknown()
        if session["status"] != "open":
            return self._closed(session, paying=request.method == "POST")
        if request.method == "GET":
            return self._form(session, Typed(), problem=self._problem(session))
        async with request.form() as form:
            ask_email = not session["customer_email"]
            today = datetime.fromtimestamp(self._platform.now(), UTC)
            if session["amount_total"]:
                typed = read_form(form, today, ask_email=ask_email)
            else:
                typed = Typed(number="4242424242424242")
        if typed.errors:
            return self._form(session, typed, status=422)
        card = cards.card_for(cards.digits(typed.number))
        return self._attempt(session, card, typed)

    def _attempt(
        self, session: Body, card: cards.Card, typed: Typed, *, authenticated: bool = False
    ) -> Response:
        try:
            session = payments.pay(
                self._platform,
                str(session["id"]),
                card,
                email=typed.email or None,
                name=typed.name or None,
                authenticated=authenticated,
            )
        except payments.Declined as declined:
            return self._again(session, str(declined))
        except payments.SessionClosed:
            fresh = sessions.fetch(self._platform, str(session["id"]))
            return self._closed(fresh, paying=True)
        if session["status"] == "open":
            return _go(f"{self._platform.config.public_url}/c/pay/{session['id']}/authenticate")
        return _go(success_address(session))

    async def authenticate(self, request: Request) -> Response:
        """What a bank would ask: ``Complete`` or ``Fail``."""
        sessions.expire_due(self._platform)
        session = self._session(request)
        if session is None:
            return self._unknown()
        waiting = payments.waiting_card(self._platform, str(session["id"]))
        if session["status"] != "open" or waiting is None:
            return self._closed(session, paying=session["status"] == "complete")
        card = cards.card_for(str(waiting["number"]))
        if request.method == "GET":
            return self._ask(session)
        async with request.form() as form:
            passed = form.get("answer") == "complete"
        if passed:
            typed = Typed(email=str(waiting["email"] or ""), name=str(waiting["name"] or ""))
            return self._attempt(session, card, typed, authenticated=True)
        payments.fail_authentication(self._platform, str(session["id"]), card)
        return self._again(
            session, "Your bank could not confirm that it is you. Nothing was charged."
        )

    def _again(self, session: Body, problem: str) -> Response:
        """Back to the form by redirect, so that Back and Reload never send a card twice."""
        fresh = sessions.fetch(self._platform, str(session["id"]))
        private = self._platform.store.private(str(fresh["id"]))
        private["problem"] = problem
        self._platform.store.save(fresh, private=private)
        return _go(str(fresh["url"]))

    def _problem(self, session: Body) -> str:
        """Why the last attempt failed; told once."""
        private = self._platform.store.private(str(session["id"]))
        problem = private.pop("problem", "")
        if problem:
            self._platform.store.save(session, private=private)
        return str(problem)

    async def receipt(self, request: Request) -> Response:
        """What was paid, for whom has the charge's address."""
        charge = self._platform.store.get(request.path_params["charge"], "charge", "")
        if charge is None or not charge["paid"]:
            return self._unknown()
        amount = words(int(charge["amount"]), str(charge["currency"]))
        day = datetime.fromtimestamp(int(charge["created"]), UTC).strftime("%d %B %Y")
        back = int(charge["amount_refunded"])
        refunded = (
            f"<p>{escape(words(back, str(charge['currency'])))} of it was refunded.</p>"
            if back
            else ""
        )
        content = (
            f'<div class="stack"><h1>Receipt</h1><p class="due num">{escape(amount)}</p>'
            f"<p>Paid on {day} with the card ending in "
            f"{escape(charge['payment_method_details']['card']['last4'])}.</p>{refunded}"
            f'<p class="soft num">{escape(charge["id"])}</p></div>'
        )
        return layout.page("Receipt", self._brand, content, narrow=True)

    def _session(self, request: Request) -> Body | None:
        return self._platform.store.get(request.path_params["session"], sessions.KIND)

    def _unknown(self) -> HTMLResponse:
        content = (
            '<div class="stack"><h1>This page does not exist</h1>'
            "<p>Open the link once more from where you got it.</p></div>"
        )
        return layout.page("Not found", self._brand, content, status=404, narrow=True)

    def _closed(self, session: Body, *, paying: bool) -> Response:
        if session["status"] == "complete" and paying:
            return _go(success_address(session))
        if session["status"] == "complete":
            back = success_address(session)
            title, text, words_ = "This is paid", "Nothing is charged a second time.", "Continue"
            status = 200
        else:
            back = str(session["cancel_url"] or "")
            title = "This payment page has expired"
            text, words_ = "Nothing was charged. Go back to start again.", "Go back"
            status = 410
        if session["status"] == "open":
            back, words_ = str(session["url"]), "To the payment page"
            title, text = "There is nothing to confirm", "Enter your card first."
            status = 409
        link = f'<p><a class="btn primary" href="{escape(back)}">{words_}</a></p>' if back else ""
        content = f'<div class="stack"><h1>{title}</h1><p>{text}</p>{link}</div>'
        return layout.page(title, self._brand, content, status=status, narrow=True)

    def _ask(self, session: Body) -> HTMLResponse:
        amount = escape(words(int(session["amount_total"]), str(session["currency"])))
        content = (
            '<div class="stack"><div class="head"><h1>Confirm with your bank</h1>'
            f'<p class="soft">{escape(self._brand)} wants to charge <b class="num">{amount}</b>. '
            "A real bank would ask for a code here; this one asks you to choose.</p></div>"
            '<form method="post"><div class="acts">'
            '<button class="btn primary" name="answer" value="complete">Complete</button>'
            '<button class="btn" name="answer" value="fail">Fail</button>'
            "</div></form></div>"
        )
        return layout.page("Confirm with your bank", self._brand, content, narrow=True)

    def _form(
        self, session: Body, typed: Typed, *, problem: str = "", status: int = 200
    ) -> HTMLResponse:
        count = len(typed.errors)
        if count and not problem:
            problem = f"{'One field needs' if count == 1 else f'{count} fields need'} another look."
        summary = _summary(session, self._platform.store.private(str(session["id"]))["line_items"])
        until = datetime.fromtimestamp(int(session["expires_at"]), UTC)
        cancel = (
            f'<a href="{escape(session["cancel_url"])}">Cancel and go back</a>'
            if session["cancel_url"]
            else ""
        )
        content = f"""<div class="two"><div class="stack">
<div class="head"><h1>Pay by card</h1>
<p class="soft">You can pay here until
<time data-local datetime="{until.isoformat()}">{until.strftime("%H:%M")} UTC</time>.
If the card is declined, you can try another.</p></div>
{layout.notice(problem) if problem else ""}
<form method="post" action="/c/pay/{escape(session["id"])}" novalidate>{_fields(session, typed)}
<div class="acts"><button class="btn primary" type="submit">Pay</button>{cancel}</div></form>
{_test_cards()}</div>
<aside aria-label="What you pay">{summary}</aside></div>"""
        return layout.page("Pay", self._brand, content, status=status)


def success_address(session: Body) -> str:
    """Where the buyer goes after paying, with the session's id put in its place."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", str(session["id"]))


def _go(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=_SEE_OTHER)


def _fields(session: Body, typed: Typed) -> str:
    if not session["amount_total"]:
        return "<p>There is nothing to pay. Confirm to finish.</p>"
    parts: list[str] = []
    if session["customer_email"]:
        address = escape(session["customer_email"])
        parts.append(f'<p class="soft">The receipt goes to {address}.</p>')
    else:
        parts.append(
            layout.field(
                "Email (for the receipt)",
                "email",
                typed.email,
                error=typed.errors.get("email", ""),
                attributes='type="email" autocomplete="email"',
            )
        )
    parts.append(
        layout.field(
            "Card number",
            "number",
            typed.number,
            error=typed.errors.get("number", ""),
            attributes='inputmode="numeric" autocomplete="cc-number" maxlength="25" required',
        )
    )
    expiry = layout.field(
        "Expiry",
        "expiry",
        typed.expiry,
        error=typed.errors.get("expiry", ""),
        attributes='inputmode="numeric" autocomplete="cc-exp" placeholder="MM / YY" '
        'maxlength="9" required',
    )
    cvc = layout.field(
        "CVC",
        "cvc",
        error=typed.errors.get("cvc", ""),
        attributes='inputmode="numeric" autocomplete="cc-csc" maxlength="4" required',
    )
    parts.append(f'<div class="pair">{expiry}{cvc}</div>')
    return "".join(parts)


def _summary(session: Body, lines: list[Body]) -> str:
    currency = str(session["currency"])
    total = escape(words(int(session["amount_total"]), currency))
    rows: list[str] = []
    for line in lines:
        quantity, unit = int(line["quantity"]), int(line["price"]["unit_amount"])
        times = f"{quantity} × {words(unit, currency)}" if quantity > 1 else ""
        below = "".join(
            f"<small>{escape(part)}</small>"
            for part in (str(line.get("details") or ""), times)
            if part
        )
        amount = escape(words(int(line["amount_total"]), currency))
        rows.append(
            f'<div class="row"><span dir="auto">{escape(line["description"])}{below}</span>'
            f'<span class="num">{amount}</span></div>'
        )
    return (
        f'<div class="card sum"><h2 class="soft">You pay</h2><div class="due num">{total}</div>'
        f'{"".join(rows)}<div class="row tot"><span>Total</span>'
        f'<span class="num">{total}</span></div></div>'
    )


def _test_cards() -> str:
    rows = "".join(
        f'<tr><td class="num">{card.spaced}</td><td>{escape(card.says)}</td></tr>'
        for card in cards.LISTED
    )
    return (
        '<details><summary>Cards that work here</summary><p class="soft">This page is a local '
        "stand-in: no bank is asked and no money moves. Any future expiry and any CVC will do.</p>"
        f"<table>{rows}</table></details>"
    )
