"""Connected accounts: controller properties, capabilities, links.

Sources: https://docs.stripe.com/connect/migrate-to-controller-properties and
https://docs.stripe.com/api/account_links.
"""

import secrets
from typing import Any

from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing, required
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete, page_of
from ecosystem.local.stripe.sessions import check_url
from ecosystem.local.stripe.storage import Body, dumps

KIND = "account"
LINK_SECONDS = 300
"""Life of an account link that nobody has opened."""
FORM_SECONDS = 3600
"""How long the form that a link opened can be used."""
DUE = ["business_profile.url", "external_account", "tos_acceptance.date"]
SERVED_CAPABILITIES = ("transfers", "card_payments")
_FIELDS = ("business_profile", "business_type", "company", "email", "settings", "default_currency")
_CURRENCY_OF = {"GB": "gbp", "US": "usd", "CH": "chf", "DK": "dkk", "SE": "sek", "NO": "nok",
                "PL": "pln", "CZ": "czk", "HU": "huf", "JP": "jpy", "AU": "aud", "CA": "cad"}  # fmt: skip


def create(platform: Platform, call: Call) -> Body:
    """Open a connected account; it can do nothing until it is onboarded."""
    params = call.params
    controller = _controller(params)
    country = str(params.get("country", platform.config.country)).upper()
    if len(country) != 2 or not country.isalpha():
        raise invalid(f"Country '{country}' is unknown.", "country", "country_unsupported")
    wanted = _wanted_capabilities(params)
    account = make_account(
        id=new_id("acct", 16),
        created=platform.now(),
        country=country,
        email=params.get("email"),
        metadata=merge({}, params.get("metadata")),
        capabilities=wanted or ["transfers"],
        active=False,
        controller=controller,
        account_type=str(params.get("type", "none")),
    )
    for field in _FIELDS:
        if field in params:
            account[field] = params[field]
    platform.store.add(account)
    platform.emit("account.updated", account, account=str(account["id"]))
    return account


def _controller(params: Body) -> Body:
    kind, given = params.get("type"), params.get("controller")
    if kind and given is not None:
        message = (
            "You may not provide the `type` parameter and `controller` parameters simultaneously."
        )
        raise invalid(message, "controller")
    if kind in ("express", "custom"):
        collects = "stripe" if kind == "express" else "application"
        dashboard = "express" if kind == "express" else "none"
        values = ("application", "application", collects, dashboard)
    else:
        asked: Body = given or {}
        values = (
            str(asked.get("fees", {}).get("payer", "account")),
            str(asked.get("losses", {}).get("payments", "stripe")),
            str(asked.get("requirement_collection", "stripe")),
            str(asked.get("stripe_dashboard", {}).get("type", "full")),
        )
    fees, losses, collects, dashboard = values
    if dashboard == "express" and (losses != "application" or collects != "stripe"):
        message = (
            "When `controller[stripe_dashboard][type]` is `express`, "
            "`controller[losses][payments]` must be `application` and "
            "`controller[requirement_collection]` must be `stripe`."
        )
        raise invalid(message, "controller")
    if dashboard == "full" and losses != "stripe":
        message = (
            "When `controller[stripe_dashboard][type]` is `full`, "
            "`controller[losses][payments]` must be `stripe`."
        )
        raise invalid(message, "controller")
    return {
        "fees": {"payer": fees},
        "is_controller": True,
        "losses": {"payments": losses},
        "requirement_collection": collects,
        "stripe_dashboard": {"type": dashboard},
        "type": "application",
    }


def _wanted_capabilities(params: Body) -> list[str]:
    wanted: list[str] = []
    for name, value in params.get("capabilities", {}).items():
        if not value.get("requested"):
            continue
        if name not in SERVED_CAPABILITIES:
            message = f"The stand-in has no capability {name}."
            raise invalid(message, f"capabilities[{name}]")
        wanted.append(name)
    if "card_payments" in wanted and "transfers" not in wanted:
        message = (
            "You cannot request the `card_payments` capability without the `transfers` capability."
        )
        raise invalid(message, "capabilities")
    return wanted


def make_account(
    *,
    id: str,
    created: int,
    country: str,
    email: str | None,
    metadata: dict[str, str],
    capabilities: list[str],
    active: bool,
    controller: Body,
    account_type: str = "none",
) -> Body:
    """An account, onboarded (``active``) or new."""
    given: Body = {
        "id": id,
        "business_profile": {"mcc": None, "name": None, "product_description": None, "url": None},
        "capabilities": dict.fromkeys(capabilities, "inactive"),
        "charges_enabled": False,
        "controller": controller,
        "country": country,
        "created": created,
        "default_currency": _CURRENCY_OF.get(country, "eur"),
        "details_submitted": False,
        "email": email,
        "external_accounts": page_of([], f"/v1/accounts/{id}/external_accounts"),
        "future_requirements": _requirements([], None),
        "metadata": metadata,
        "payouts_enabled": False,
        "requirements": _requirements(DUE, "requirements.past_due"),
        "settings": {
            "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": None,
            },
        },
        "tos_acceptance": {"date": None},
        "type": account_type,
    }
    account = complete(KIND, given)
    if active:
        set_abilities(account, active=True)
        account["tos_acceptance"] = {"date": created}
    return account


def _requirements(due: list[str], disabled: str | None) -> Body:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": list(due),
        "disabled_reason": disabled,
        "errors": [],
        "eventually_due": list(due),
        "past_due": list(due),
        "pending_verification": [],
    }


def set_abilities(account: Body, *, active: bool) -> None:
    """Switch everything an account asked for on, or off again."""
    state = "active" if active else "inactive"
    account["capabilities"] = dict.fromkeys(account["capabilities"], state)
    account["charges_enabled"] = active and "card_payments" in account["capabilities"]
    account["payouts_enabled"] = active
    account["details_submitted"] = account["details_submitted"] or active
    reason = None if active else "requirements.past_due"
    account["requirements"] = _requirements([] if active else ["individual.verification"], reason)


def fetch(platform: Platform, id: str) -> Body:
    """One account.

    Raises:
        StripeRefusal: 403, as Stripe answers for an account that is not connected.
    """
    account = platform.store.get(id, KIND)
    if account is None:
        message = (
            f"The provided key does not have access to account '{id}' (or that account does not "
            "exist). Application access may have been revoked."
        )
        raise StripeRefusal(message, status=403, code="account_invalid")
    return account


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/accounts/{account}``."""
    return fetch(platform, call.path["account"])


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/accounts``."""
    return listing(platform, call, KIND, "/v1/accounts", account="")


def update(platform: Platform, call: Call) -> Body:
    """Change profile, metadata and requested capabilities."""
    account = fetch(platform, call.path["account"])
    params = call.params
    previous: Body = {}
    for field in _FIELDS:
        if field in params:
            previous[field] = account.get(field)
            value = params[field]
            merged = isinstance(value, dict) and isinstance(account.get(field), dict)
            account[field] = {**account[field], **value} if merged else value
    if "metadata" in params:
        previous["metadata"] = account["metadata"]
        account["metadata"] = merge(account["metadata"], params["metadata"])
    for name in _wanted_capabilities(params):
        state = "active" if account["details_submitted"] else "inactive"
        account["capabilities"].setdefault(name, state)
    platform.store.save(account)
    platform.emit("account.updated", account, account=str(account["id"]), previous=previous)
    return account


def delete(platform: Platform, call: Call) -> Body:
    """Close an account whose balance is zero; the platform loses access to it."""
    from ecosystem.local.stripe.balance import sums

    account = fetch(platform, call.path["account"])
    if any(sum(pair) for pair in sums(platform, str(account["id"])).values()):
        raise invalid("This account has a balance and can't be deleted.", "account")
    platform.store.remove(str(account["id"]))
    return {"id": account["id"], "object": KIND, "deleted": True}


def announce(platform: Platform, account: Body, previous: Body) -> None:
    """Tell that an account's abilities changed: each capability, then the account."""
    id = str(account["id"])
    for name, state in account["capabilities"].items():
        if previous.get("capabilities", {}).get(name) != state:
            platform.emit("capability.updated", capability_of(account, name), account=id)
    platform.emit("account.updated", account, account=id, previous=previous)


def change_abilities(platform: Platform, account: Body, *, active: bool) -> Body:
    """Switch an account's abilities, keep it and tell."""
    names = ("capabilities", "charges_enabled", "payouts_enabled", "details_submitted")
    previous = {name: account[name] for name in names}
    set_abilities(account, active=active)
    if active and account["tos_acceptance"].get("date") is None:
        account["tos_acceptance"] = {"date": platform.now()}
    platform.store.save(account)
    announce(platform, account, previous)
    return account


def capability_of(account: Body, name: str) -> Body:
    """One capability as an object of its own."""
    requirements = dict(account["requirements"])
    given: Body = {
        "id": name,
        "account": account["id"],
        "future_requirements": dict(account["future_requirements"]),
        "requested": True,
        "requested_at": account["created"],
        "requirements": requirements,
        "status": account["capabilities"][name],
    }
    return complete("capability", given)


def _capability(account: Body, name: str) -> Body:
    if name not in account["capabilities"]:
        raise missing("capability", name, param="capability")
    return capability_of(account, name)


def retrieve_capability(platform: Platform, call: Call) -> Body:
    """``GET /v1/accounts/{account}/capabilities/{capability}``."""
    return _capability(fetch(platform, call.path["account"]), call.path["capability"])


def update_capability(platform: Platform, call: Call) -> Body:
    """Request a capability, or give it up."""
    account = fetch(platform, call.path["account"])
    name = call.path["capability"]
    if name not in SERVED_CAPABILITIES:
        raise missing("capability", name, param="capability")
    previous = {"capabilities": dict(account["capabilities"])}
    if call.params.get("requested", True):
        state = "active" if account["details_submitted"] else "inactive"
        account["capabilities"].setdefault(name, state)
    else:
        account["capabilities"][name] = "inactive"
    platform.store.save(account)
    announce(platform, account, previous)
    return _capability(account, name)


def list_capabilities(platform: Platform, call: Call) -> Body:
    """``GET /v1/accounts/{account}/capabilities``."""
    account = fetch(platform, call.path["account"])
    data = [capability_of(account, name) for name in account["capabilities"]]
    return page_of(data, f"/v1/accounts/{account['id']}/capabilities")


def create_link(platform: Platform, call: Call) -> Body:
    """A link to the hosted onboarding form: good for one visit within five minutes."""
    params = call.params
    account_id = str(params["account"])
    if platform.store.get(account_id, KIND) is None:
        raise missing("account", account_id, param="account", status=400)
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise required(name)
        check_url(str(params[name]), name)
    token = secrets.token_urlsafe(24)
    now = platform.now()
    targets = {"refresh_url": params["refresh_url"], "return_url": params["return_url"]}
    keep_link(platform, token, "link", account_id, now + LINK_SECONDS, targets)
    return {
        "object": "account_link",
        "created": now,
        "expires_at": now + LINK_SECONDS,
        "url": f"{platform.config.public_url}/setup/e/{account_id}/{token}",
    }


def create_login_link(platform: Platform, call: Call) -> Body:
    """A link to the Express dashboard of an account that finished onboarding."""
    account = fetch(platform, call.path["account"])
    if account["controller"]["stripe_dashboard"]["type"] != "express":
        message = "Login links are only available for accounts with the Express Dashboard."
        raise invalid(message, "account")
    if not account["details_submitted"]:
        message = "Cannot create a login link for an account that has not completed onboarding."
        raise invalid(message, "account")
    token = secrets.token_urlsafe(24)
    now = platform.now()
    keep_link(platform, token, "login", str(account["id"]), now + LINK_SECONDS, {})
    url = f"{platform.config.public_url}/express/{account['id']}/{token}"
    return {"object": "login_link", "created": now, "url": url}


def keep_link(
    platform: Platform, token: str, kind: str, account: str, expires_at: int, body: dict[str, Any]
) -> None:
    """Remember an unguessable address that is good for one account and a short time."""
    platform.store.run(
        "INSERT INTO links (token, kind, account, expires_at, body) VALUES (?,?,?,?,?)",
        (token, kind, account, expires_at, dumps(body)),
    )
