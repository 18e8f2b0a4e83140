"""Checkout Sessions (https://docs.stripe.com/api/checkout/sessions)."""

import re
from typing import Any
from urllib.parse import urlsplit

from ecosystem.local.stripe import line_items
from ecosystem.local.stripe.errors import StripeRefusal, invalid, missing, required
from ecosystem.local.stripe.lists import limit_of, listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete, page_of
from ecosystem.local.stripe.storage import Body

KIND = "checkout.session"
SHORTEST_LIFE = 30 * 60
LONGEST_LIFE = 24 * 3600
_EMAIL = re.compile(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")


def create(platform: Platform, call: Call) -> Body:
    """Open a session with a hosted payment page."""
    params = call.params
    _check_mode(params)
    success_url = params.get("success_url")
    if success_url is None:
        raise required("success_url")
    for name in ("success_url", "cancel_url"):
        if name in params:
            check_url(str(params[name]), name)
    now = platform.now()
    expires_at = _expiry(params, now)
    items, currency, total = line_items.read(params)
    customer = _check_buyer(platform, params)
    intent_data = _check_intent_data(platform, params)
    types = params.get("payment_method_types") or ["card"]
    if "card" not in types:
        raise invalid("The stand-in's payment page takes cards only.", "payment_method_types")
    session_id = new_id("cs_test", 58)
    automatic: Body = {"enabled": False, "liability": None, "provider": None, "status": None}
    if params.get("automatic_tax", {}).get("enabled"):
        raise invalid("The stand-in does not calculate tax.", "automatic_tax[enabled]")
    given: Body = {
        "id": session_id,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": automatic,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": params.get("custom_text", {}).get("submit") or None,
            "terms_of_service_acceptance": None,
        },
        "customer": customer,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_email": params.get("customer_email"),
        "expires_at": expires_at,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merge({}, params.get("metadata")),
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": params.get("payment_method_options", {}),
        "payment_method_types": list(types),
        "payment_status": "unpaid" if total else "no_payment_required",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "success_url": success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{platform.config.public_url}/c/pay/{session_id}",
    }
    private = {"line_items": items, "intent_data": intent_data}
    return platform.store.add(complete(KIND, given), account=call.account, private=private)


def _check_mode(params: Body) -> None:
    mode = params.get("mode")
    if mode is None:
        raise required("mode")
    if mode != "payment":
        raise invalid("The stand-in serves `payment` mode only.", "mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The stand-in serves hosted pages only.", "ui_mode")
    if "return_url" in params:
        raise invalid("`return_url` can only be set with an embedded `ui_mode`.", "return_url")


def check_url(url: str, param: str) -> None:
    """Refuse what a browser can't be sent to.

    Raises:
        StripeRefusal: 400 ``url_invalid``.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Not a valid URL", param, "url_invalid")


def _expiry(params: Body, now: int) -> int:
    expires_at = int(params.get("expires_at", now + LONGEST_LIFE))
    if expires_at < now + SHORTEST_LIFE:
        message = (
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        )
        raise invalid(message, "expires_at")
    if expires_at > now + LONGEST_LIFE:
        message = (
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        )
        raise invalid(message, "expires_at")
    return expires_at


def _check_buyer(platform: Platform, params: Body) -> str | None:
    customer, email = params.get("customer"), params.get("customer_email")
    if customer and email:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise invalid(message, "customer")
    if email is not None and not _EMAIL.match(str(email)):
        raise invalid(f"Invalid email address: {email}", "customer_email", "email_invalid")
    if customer and platform.store.get(str(customer), "customer") is None:
        raise missing("customer", str(customer), param="customer", status=400)
    return str(customer) if customer else None


def _check_intent_data(platform: Platform, params: Body) -> Body:
    data: Body = params.get("payment_intent_data", {})
    at = "payment_intent_data"
    destination = data.get("transfer_data", {}).get("destination")
    if "application_fee_amount" in data and not destination:
        message = (
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct payment (using an OAuth key or Stripe-Account header) or destination payment "
            "(using `transfer_data[destination]`)."
        )
        raise invalid(message, f"{at}[application_fee_amount]")
    if destination:
        message = "The stand-in serves separate charges and transfers, no destination charges."
        raise invalid(message, f"{at}[transfer_data]")
    if data.get("capture_method", "automatic") == "manual":
        raise invalid("The stand-in captures at once.", f"{at}[capture_method]")
    on_behalf_of = data.get("on_behalf_of")
    if on_behalf_of and platform.store.get(str(on_behalf_of), "account") is None:
        raise missing("account", str(on_behalf_of), param=f"{at}[on_behalf_of]", status=400)
    return {**data, "metadata": merge({}, data.get("metadata"), param=f"{at}[metadata]")}


def fetch(platform: Platform, id: str, account: str = "") -> Body:
    """One session.

    Raises:
        StripeRefusal: 404.
    """
    session = platform.store.get(id, KIND, account)
    if session is None:
        raise missing(KIND, id, param="session")
    return session


def retrieve(platform: Platform, call: Call) -> Body:
    """``GET /v1/checkout/sessions/{session}``."""
    return fetch(platform, call.path["session"], call.account)


def update(platform: Platform, call: Call) -> Body:
    """Change the metadata; everything else of a session is fixed here."""
    session = fetch(platform, call.path["session"], call.account)
    fixed = set(call.params) - {"metadata", "expand"}
    if fixed:
        raise invalid("The stand-in updates metadata only.", sorted(fixed)[0])
    session["metadata"] = merge(session["metadata"] or {}, call.params.get("metadata"))
    return platform.store.save(session)


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/checkout/sessions``."""
    filters: dict[str, Any] = {
        key: call.params[key]
        for key in ("customer", "payment_intent", "payment_link", "status", "subscription")
        if key in call.params
    }
    if "customer_details" in call.params:
        filters["customer_details.email"] = call.params["customer_details"]["email"]
    return listing(platform, call, KIND, "/v1/checkout/sessions", filters=filters)


def list_line_items(platform: Platform, call: Call) -> Body:
    """``GET /v1/checkout/sessions/{session}/line_items``."""
    id = call.path["session"]
    fetch(platform, id, call.account)
    items = served_lines(platform, id)
    limit = limit_of(call.params)
    ids = [item["id"] for item in items]
    after = call.params.get("starting_after")
    if after is not None and after not in ids:
        raise missing("item", str(after), param="starting_after", status=400)
    start = ids.index(after) + 1 if after else 0
    more = len(items) > start + limit
    return page_of(
        items[start : start + limit], f"/v1/checkout/sessions/{id}/line_items", more=more
    )


def served_lines(platform: Platform, id: str) -> list[Body]:
    """The lines of a session without what only the payment page shows."""
    lines: list[Body] = platform.store.private(id).get("line_items", [])
    return [{key: value for key, value in line.items() if key != "details"} for line in lines]


def expire(platform: Platform, call: Call) -> Body:
    """Close an open session before its time."""
    session = fetch(platform, call.path["session"], call.account)
    if session["status"] != "open":
        raise StripeRefusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    return close(platform, session)


def close(platform: Platform, session: Body) -> Body:
    """Expire a session, cancel what was begun, and tell."""
    session["status"] = "expired"
    session["url"] = None
    owner = platform.store.owner(str(session["id"]))
    platform.store.save(session)
    intent = platform.store.get(str(session["payment_intent"] or ""), "payment_intent")
    if intent is not None and intent["status"] in ("requires_payment_method", "requires_action"):
        intent.update(
            status="canceled",
            canceled_at=platform.now(),
            cancellation_reason="automatic",
            next_action=None,
        )
        platform.store.save(intent)
        platform.emit("payment_intent.canceled", intent, account=owner)
    platform.emit("checkout.session.expired", session, account=owner)
    return session


def expire_due(platform: Platform) -> int:
    """Close every open session whose time has come. Returns how many."""
    due = platform.store.select(
        KIND,
        "json_extract(body, '$.status')='open' AND json_extract(body, '$.expires_at')<=?",
        [platform.now()],
        tail="LIMIT 100",
    )
    if due:
        with platform.store.transaction():
            for session in due:
                close(platform, session)
    return len(due)
