"""Customers (https://docs.stripe.com/api/customers): kept and served, nothing more."""

from ecosystem.local.stripe.errors import missing
from ecosystem.local.stripe.lists import listing
from ecosystem.local.stripe.metadata import merge
from ecosystem.local.stripe.platform import Call, Platform, new_id
from ecosystem.local.stripe.resources import complete
from ecosystem.local.stripe.storage import Body

KIND = "customer"
_FIELDS = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")


def make(platform: Platform, **fields: object) -> Body:
    """Keep a new customer and tell."""
    customer_id = new_id("cus", 14)
    given: Body = {
        "id": customer_id,
        "balance": 0,
        "created": platform.now(),
        "delinquent": False,
        "invoice_prefix": customer_id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        **{key: value for key, value in fields.items() if value is not None},
    }
    customer = platform.store.add(complete(KIND, given))
    platform.emit("customer.created", customer)
    return customer


def create(platform: Platform, call: Call) -> Body:
    """``POST /v1/customers``."""
    fields = {key: call.params[key] for key in _FIELDS if key in call.params}
    return make(platform, **fields, metadata=merge({}, call.params.get("metadata")))


def fetch(platform: Platform, call: Call) -> Body:
    """The customer named in the path.

    Raises:
        StripeRefusal: 404.
    """
    customer = platform.store.get(call.path["customer"], KIND)
    if customer is None:
        raise missing(KIND, call.path["customer"])
    return customer


def update(platform: Platform, call: Call) -> Body:
    """``POST /v1/customers/{customer}``."""
    customer = fetch(platform, call)
    for field in _FIELDS:
        if field in call.params:
            customer[field] = call.params[field] or None
    customer["metadata"] = merge(customer["metadata"], call.params.get("metadata"))
    platform.store.save(customer)
    platform.emit("customer.updated", customer)
    return customer


def delete(platform: Platform, call: Call) -> Body:
    """``DELETE /v1/customers/{customer}``."""
    customer = fetch(platform, call)
    platform.store.remove(str(customer["id"]))
    platform.emit("customer.deleted", customer)
    return {"id": customer["id"], "object": KIND, "deleted": True}


def list_all(platform: Platform, call: Call) -> Body:
    """``GET /v1/customers``."""
    return listing(platform, call, KIND, "/v1/customers")
