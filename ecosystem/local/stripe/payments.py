"""Paying a session: payment intent, charge, fee, and every event on the way.

Source of the order of states: https://docs.stripe.com/payments/paymentintents/lifecycle.
"""

from typing import Any

from ecosystem.local.stripe import balance, customers, disputes, sessions
from ecosystem.local.stripe.cards import Card
from ecosystem.local.stripe.errors import missing
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body


class Declined(Exception):
    """The card was refused; the session stays open. The text is for the buyer."""


class SessionClosed(Exception):
    """The session is complete or expired: there is nothing to pay."""


def _open_session(platform: Platform, session_id: str) -> Body:
    session = sessions.fetch(platform, session_id)
    if session["status"] != "open":
        raise SessionClosed
    return session


def _intent_of(platform: Platform, session: Body, email: str | None) -> Body:
    """The session's payment intent; as at Stripe, it comes to be with the first attempt."""
    if session["payment_intent"]:
        found = platform.store.get(str(session["payment_intent"]))
        if found is not None:
            return found
    data: Body = platform.store.private(str(session["id"]))["intent_data"]
    intent_id = new_id("pi")
    given: Body = {
        "id": intent_id,
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{intent_id}_secret"),
        "confirmation_method": "automatic",
        "created": platform.now(),
        "currency": session["currency"],
        "customer": session["customer"],
        "description": data.get("description"),
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "on_behalf_of": data.get("on_behalf_of"),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": session["payment_method_types"],
        "receipt_email": data.get("receipt_email") or email,
        "setup_future_usage": data.get("setup_future_usage"),
        "shipping": data.get("shipping"),
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_group": data.get("transfer_group"),
    }
    intent = platform.store.add(complete("payment_intent", given))
    session["payment_intent"] = intent_id
    platform.store.save(session)
    platform.emit("payment_intent.created", intent)
    return intent


def pay(
    platform: Platform,
    session_id: str,
    card: Card,
    *,
    email: str | None = None,
    name: str | None = None,
    authenticated: bool = False,
    settles_later: bool = False,
) -> Body:
    """One attempt to pay. Returns the session: complete, or still open to authenticate.

    Args:
        authenticated: the buyer has just passed the card's authentication.
        settles_later: act like a slow payment method: the session completes unpaid, and
            ``settle`` decides afterwards.

    Raises:
        Declined: after the failure was recorded.
        SessionClosed: complete or expired.
    """
    sessions.expire_due(platform)
    with platform.store.transaction():
        session = _open_session(platform, session_id)
        email = session["customer_email"] or email
        if not session["amount_total"]:
            return _complete_session(platform, session, email, name, "no_payment_required")
        intent = _intent_of(platform, session, email)
        if card.outcome == "declined":
            refused = True
            _refuse(platform, intent, card, card.code, card.decline_code, card.message)
        else:
            refused = False
            if card.outcome == "authenticates" and not authenticated:
                return _ask_authentication(platform, session, intent, card, email, name)
            method = _payment_method(platform, card, email, name)
            if settles_later:
                intent.update(status="processing", payment_method=method["id"])
                platform.store.save(intent)
                platform.emit("payment_intent.processing", intent)
                session = _complete_session(platform, session, email, name, "unpaid")
            else:
                _succeed(platform, intent, card, method)
                session = _complete_session(platform, session, email, name, "paid")
    if refused:
        raise Declined(card.message)
    return session


def _ask_authentication(
    platform: Platform, session: Body, intent: Body, card: Card, email: str | None, name: str | None
) -> Body:
    address = f"{platform.config.public_url}/c/pay/{session['id']}/authenticate"
    intent.update(
        status="requires_action",
        next_action={
            "type": "redirect_to_url",
            "redirect_to_url": {"url": address, "return_url": session["url"]},
        },
    )
    platform.store.save(intent)
    private = platform.store.private(str(session["id"]))
    private["authenticating"] = {"number": card.number, "email": email, "name": name}
    platform.store.save(session, private=private)
    platform.emit("payment_intent.requires_action", intent)
    return session


def waiting_card(platform: Platform, session_id: str) -> Body | None:
    """Number, e-mail and name of the attempt that waits for authentication, if one does."""
    return platform.store.private(session_id).get("authenticating")


def fail_authentication(platform: Platform, session_id: str, card: Card) -> None:
    """The buyer failed or refused the authentication: recorded, the session stays open."""
    sessions.expire_due(platform)
    with platform.store.transaction():
        session = _open_session(platform, session_id)
        _forget_attempt(platform, session)
        message = (
            "We are unable to authenticate your payment method. "
            "Please choose a different payment method and try again."
        )
        intent = _intent_of(platform, session, None)
        _refuse(platform, intent, card, "payment_intent_authentication_failure", "", message)


def _forget_attempt(platform: Platform, session: Body) -> None:
    private = platform.store.private(str(session["id"]))
    private.pop("authenticating", None)
    platform.store.save(session, private=private)


def _payment_method(platform: Platform, card: Card, email: str | None, name: str | None) -> Body:
    method = {
        "id": new_id("pm"),
        "object": "payment_method",
        "billing_details": _billing(email, name),
        "card": _card_details(card),
        "created": platform.now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    return platform.store.add(method)


def _billing(email: str | None, name: str | None) -> Body:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": email, "name": name, "phone": None, "tax_id": None}


def _card_details(card: Card) -> Body:
    return {
        "brand": card.brand,
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"local{card.last4}",
        "funding": "credit",
        "last4": card.last4,
        "network": card.brand,
        "three_d_secure": None,
        "wallet": None,
    }


def new_charge(intent: Body, *, id: str, created: int, card: Card, method: Body | None) -> Body:
    """A charge for a payment intent, not yet decided: neither paid nor failed."""
    given: Body = {
        "id": id,
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"] if method else _billing(None, None),
        "captured": False,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"] if method else None,
        "payment_method_details": {"type": "card", "card": _card_details(card)},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "pending",
        "transfer_group": intent["transfer_group"],
    }
    return complete("charge", given)


def _refuse(
    platform: Platform, intent: Body, card: Card, code: str, decline_code: str, message: str
) -> None:
    method = _payment_method(platform, card, intent["receipt_email"], None)
    charge = new_charge(intent, id=new_id("ch"), created=platform.now(), card=card, method=method)
    charge.update(
        status="failed",
        failure_code=code,
        failure_message=message,
        outcome={
            "network_status": "declined_by_network",
            "reason": decline_code or None,
            "risk_level": "normal",
            "seller_message": "The bank returned a decline.",
            "type": "issuer_declined",
        },
    )
    platform.store.add(charge)
    error: Body = {"code": code, "message": message, "type": "card_error"}
    if decline_code:
        error["decline_code"] = decline_code
    error["charge"] = charge["id"]
    error["payment_method"] = method
    intent.update(
        status="requires_payment_method",
        last_payment_error=error,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=None,
    )
    platform.store.save(intent)
    platform.emit("charge.failed", charge)
    platform.emit("payment_intent.payment_failed", intent)


def _succeed(platform: Platform, intent: Body, card: Card, method: Body | None) -> Body:
    charge = new_charge(intent, id=new_id("ch"), created=platform.now(), card=card, method=method)
    entry = balance.charge_entry(platform, charge, at_once=card.aftermath == "available_now")
    charge.update(
        status="succeeded",
        amount_captured=charge["amount"],
        captured=True,
        paid=True,
        balance_transaction=entry["id"],
        outcome={
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        receipt_url=f"{platform.config.public_url}/receipts/{charge['id']}",
    )
    platform.store.add(charge, private={"aftermath": card.aftermath})
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        last_payment_error=None,
        next_action=None,
        payment_method=method["id"] if method else intent["payment_method"],
    )
    platform.store.save(intent)
    platform.emit("charge.succeeded", charge)
    platform.emit("payment_intent.succeeded", intent)
    if card.aftermath == "dispute":
        disputes.open_dispute(platform, charge)
    return charge


def _complete_session(
    platform: Platform, session: Body, email: str | None, name: str | None, payment_status: str
) -> Body:
    _forget_attempt(platform, session)
    customer = session["customer"]
    if session["customer_creation"] == "always" and customer is None:
        customer = customers.make(platform, email=email, name=name)["id"]
    session.update(
        status="complete",
        payment_status=payment_status,
        url=None,
        customer=customer,
        customer_details={
            "address": None,
            "business_name": None,
            "email": email,
            "individual_name": name,
            "name": name,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    platform.store.save(session)
    platform.emit("checkout.session.completed", session)
    return session


def settle(platform: Platform, session_id: str, card: Card, *, succeeds: bool) -> Body:
    """Decide the payment of a session that completed unpaid, as slow methods do days later.

    Raises:
        StripeRefusal: 404, if no such session waits for its payment.
    """
    with platform.store.transaction():
        session = sessions.fetch(platform, session_id)
        intent = platform.store.get(str(session["payment_intent"] or ""), "payment_intent")
        if intent is None or intent["status"] != "processing":
            raise missing("processing payment of session", session_id)
        method = platform.store.get(str(intent["payment_method"]))
        if succeeds:
            _succeed(platform, intent, card, method)
            session["payment_status"] = "paid"
            platform.store.save(session)
            platform.emit("checkout.session.async_payment_succeeded", session)
        else:
            _refuse(platform, intent, card, "payment_method_provider_decline", "", "It failed.")
            platform.emit("checkout.session.async_payment_failed", session)
    return session


def retrieve_intent(platform: Platform, call: Call) -> Body:
    """``GET /v1/payment_intents/{intent}``."""
    return fetch(platform, call, "payment_intent", call.path["intent"], "intent")


def list_intents(platform: Platform, call: Call) -> Body:
    """``GET /v1/payment_intents``."""
    return listing(platform, call, "payment_intent", "/v1/payment_intents")


def retrieve_charge(platform: Platform, call: Call) -> Body:
    """``GET /v1/charges/{charge}``."""
    return fetch(platform, call, "charge", call.path["charge"], "id")


def list_charges(platform: Platform, call: Call) -> Body:
    """``GET /v1/charges``."""
    return listing(platform, call, "charge", "/v1/charges")


def update_charge(platform: Platform, call: Call) -> Body:
    """Change description, metadata, receipt address or transfer group of a charge."""
    charge = fetch(platform, call, "charge", call.path["charge"], "id")
    charge["metadata"] = merge(charge["metadata"], call.params.get("metadata"))
    for field in ("description", "receipt_email", "transfer_group"):
        if field in call.params:
            charge[field] = call.params[field]
    platform.store.save(charge)
    platform.emit("charge.updated", charge, account=call.account)
    return charge


def fetch(platform: Platform, call: Call, kind: str, id: str, param: str) -> Any:
    """One object of the request's account.

    Raises:
        StripeRefusal: 404.
    """
    found = platform.store.get(id, kind, call.account)
    if found is None:
        raise missing(kind, id, param=param)
    return found
