"""The hosted onboarding form that an account link opens, and the account's small dashboard."""

import json
import secrets
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ecosystem.local.stripe import accounts, balance, layout
from ecosystem.local.stripe.money import words
from ecosystem.local.stripe.platform import Platform
from ecosystem.local.stripe.storage import Body

TEST_IBAN = "DE89 3704 0044 0532 0130 00"
_SEE_OTHER = 303


class OnboardingPages:
    """The pages of one stand-in."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._brand = platform.config.return_brand

    async def open_link(self, request: Request) -> Response:
        """The one visit an account link is good for; any other goes to ``refresh_url``."""
        link = self._link(request.path_params["token"], "link")
        if link is None or link["account"] != request.path_params["account"]:
            return self._unknown()
        if link["used"] or link["expires_at"] <= self._platform.now():
            return RedirectResponse(str(link["body"]["refresh_url"]), status_code=_SEE_OTHER)
        token = secrets.token_urlsafe(24)
        platform = self._platform
        with platform.store.transaction():
            platform.store.run(
                "UPDATE links SET used=1 WHERE token=?", (request.path_params["token"],)
            )
            ends = platform.now() + accounts.FORM_SECONDS
            accounts.keep_link(platform, token, "form", str(link["account"]), ends, link["body"])
        return RedirectResponse(f"/setup/s/{token}", status_code=_SEE_OTHER)

    async def show_or_submit(self, request: Request) -> Response:
        """The form; a complete one switches the account's capabilities on."""
        link = self._link(request.path_params["token"], "form")
        if link is None:
            return self._unknown()
        if link["expires_at"] <= self._platform.now():
            return RedirectResponse(str(link["body"]["refresh_url"]), status_code=_SEE_OTHER)
        given: dict[str, str] = {}
        if request.method == "POST":
            async with request.form() as form:
                given = {key: str(value).strip()[:200] for key, value in form.items()}
        account = self._platform.store.get(str(link["account"]), accounts.KIND)
        if account is None:
            return self._unknown()
        if request.method == "GET":
            return self._form(account, link["body"], {}, {})
        errors = _problems(given)
        if errors:
            return self._form(account, link["body"], given, errors)
        self._finish(account, given)
        return RedirectResponse(str(link["body"]["return_url"]), status_code=_SEE_OTHER)

    def _finish(self, account: Body, given: dict[str, str]) -> None:
        account["business_profile"] = {
            **(account["business_profile"] or {}),
            "name": given["business_name"],
        }
        iban = _plain(given["iban"])
        bank: Body = {
            "id": f"ba_{secrets.token_hex(8)}",
            "object": "bank_account",
            "account": account["id"],
            "bank_name": "STRIPE TEST BANK",
            "country": iban[:2],
            "currency": account["default_currency"],
            "default_for_currency": True,
            "last4": iban[-4:],
            "metadata": {},
            "status": "new",
        }
        account["external_accounts"]["data"] = [bank]
        with self._platform.store.transaction():
            accounts.change_abilities(self._platform, account, active=True)

    async def dashboard(self, request: Request) -> Response:
        """What an account has received: balance and latest payments."""
        link = self._link(request.path_params["token"], "login")
        account = self._platform.store.get(request.path_params["account"], accounts.KIND)
        fits = link is not None and link["account"] == request.path_params["account"]
        if link is None or account is None or not fits:
            return self._unknown()
        if link["expires_at"] <= self._platform.now():
            return self._unknown()
        rows = "".join(
            f'<div class="row"><span>{escape(currency.upper())}</span>'
            f'<span class="num">{escape(words(available, currency))}'
            f"<small>{escape(words(pending, currency))} on the way</small></span></div>"
            for currency, (available, pending) in balance.sums(
                self._platform, str(account["id"])
            ).items()
        )
        name = (account["business_profile"] or {}).get("name") or account["email"] or "Your account"
        content = (
            f'<div class="stack"><div class="head"><h1>{escape(name)}</h1>'
            '<p><span class="badge good">Payouts on</span></p></div>'
            f'<div class="card sum"><h2>Balance</h2>{rows or "<p>Nothing received yet.</p>"}</div>'
            f'<p class="soft num">{escape(account["id"])}</p></div>'
        )
        return layout.page("Payouts", self._brand, content, narrow=True)

    def _link(self, token: str, kind: str) -> Body | None:
        row = self._platform.store.run(
            "SELECT account, expires_at, used, body FROM links WHERE token=? AND kind=?",
            (token, kind),
        ).fetchone()
        if row is None:
            return None
        return {
            "account": row[0],
            "expires_at": row[1],
            "used": bool(row[2]),
            "body": json.loads(row[3]),
        }

    def _unknown(self) -> HTMLResponse:
        content = (
            '<div class="stack"><h1>This link does not work any more</h1>'
            "<p>Ask for a new one where you found it.</p></div>"
        )
        return layout.page("Not found", self._brand, content, status=404, narrow=True)

    def _form(
        self, account: Body, targets: Body, given: dict[str, str], errors: dict[str, str]
    ) -> HTMLResponse:
        known = (account["business_profile"] or {}).get("name") or ""
        terms_error = errors.get("terms", "")
        terms_tie = ' aria-invalid="true" aria-describedby="terms-error"' if terms_error else ""
        content = f"""<div class="stack"><div class="head"><h1>Set up payouts</h1>
<p class="soft">{escape(self._brand)} sends your earnings to this bank account. A real form would
also ask who you are; this local one needs three things.</p></div>
{layout.notice("Please complete what is marked.") if errors else ""}
<form method="post" novalidate>
{
            layout.field(
                "Business name",
                "business_name",
                given.get("business_name", known),
                error=errors.get("business_name", ""),
                attributes='autocomplete="organization" required',
            )
        }
{
            layout.field(
                "IBAN",
                "iban",
                given.get("iban", TEST_IBAN),
                error=errors.get("iban", ""),
                hint="This test account always works.",
                attributes='autocomplete="off" required',
            )
        }
<div class="field"><label class="check" for="terms"><input type="checkbox" id="terms" name="terms"
value="yes" required{terms_tie}> <span>I agree to the terms of the payment service</span></label>
{f'<span class="error" id="terms-error">{escape(terms_error)}</span>' if terms_error else ""}</div>
<div class="acts"><button class="btn primary" type="submit">Agree and submit</button>
<a href="{escape(targets["return_url"])}">Save for later</a></div></form></div>"""
        status = 422 if errors else 200
        return layout.page("Set up payouts", self._brand, content, status=status, narrow=True)


def _plain(iban: str) -> str:
    return iban.replace(" ", "").upper()


def _problems(given: dict[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not given.get("business_name"):
        errors["business_name"] = "Enter the name your customers know you by."
    iban = _plain(given.get("iban", ""))
    if not _is_iban(iban):
        errors["iban"] = "This is not a valid IBAN. Check it group by group."
    if given.get("terms") != "yes":
        errors["terms"] = "Payouts need your agreement."
    return errors


def _is_iban(iban: str) -> bool:
    """Length, letters and check digits (ISO 13616: the number modulo 97 is 1)."""
    if not 15 <= len(iban) <= 34 or not iban.isascii() or not iban.isalnum():
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(mark, 36)) for mark in turned)) % 97 == 1
