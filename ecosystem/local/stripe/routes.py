"""Which operation answers which path. The templates are those of Stripe's own description."""

import re
from collections.abc import Callable

from ecosystem.local.stripe import (
    accounts,
    balance,
    customers,
    disputes,
    events,
    files,
    payments,
    payouts,
    refunds,
    sessions,
    transfers,
)
from ecosystem.local.stripe.platform import Call, Platform
from ecosystem.local.stripe.storage import Body

Operation = Callable[[Platform, Call], Body]

OPERATIONS: dict[tuple[str, str], Operation] = {
    ("POST", "/v1/account_links"): accounts.create_link,
    ("GET", "/v1/accounts"): accounts.list_all,
    ("POST", "/v1/accounts"): accounts.create,
    ("GET", "/v1/accounts/{account}"): accounts.retrieve,
    ("POST", "/v1/accounts/{account}"): accounts.update,
    ("DELETE", "/v1/accounts/{account}"): accounts.delete,
    ("POST", "/v1/accounts/{account}/login_links"): accounts.create_login_link,
    ("GET", "/v1/accounts/{account}/capabilities"): accounts.list_capabilities,
    ("GET", "/v1/accounts/{account}/capabilities/{capability}"): accounts.retrieve_capability,
    ("POST", "/v1/accounts/{account}/capabilities/{capability}"): accounts.update_capability,
    ("GET", "/v1/balance"): balance.retrieve_balance,
    ("GET", "/v1/balance_transactions"): balance.list_all,
    ("GET", "/v1/balance_transactions/{id}"): balance.retrieve,
    ("GET", "/v1/charges"): payments.list_charges,
    ("GET", "/v1/charges/{charge}"): payments.retrieve_charge,
    ("POST", "/v1/charges/{charge}"): payments.update_charge,
    ("GET", "/v1/checkout/sessions"): sessions.list_all,
    ("POST", "/v1/checkout/sessions"): sessions.create,
    ("GET", "/v1/checkout/sessions/{session}"): sessions.retrieve,
    ("POST", "/v1/checkout/sessions/{session}"): sessions.update,
    ("POST", "/v1/checkout/sessions/{session}/expire"): sessions.expire,
    ("GET", "/v1/checkout/sessions/{session}/line_items"): sessions.list_line_items,
    ("GET", "/v1/customers"): customers.list_all,
    ("POST", "/v1/customers"): customers.create,
    ("GET", "/v1/customers/{customer}"): customers.fetch,
    ("POST", "/v1/customers/{customer}"): customers.update,
    ("DELETE", "/v1/customers/{customer}"): customers.delete,
    ("GET", "/v1/disputes"): disputes.list_all,
    ("GET", "/v1/disputes/{dispute}"): disputes.retrieve,
    ("POST", "/v1/disputes/{dispute}"): disputes.update,
    ("POST", "/v1/disputes/{dispute}/close"): disputes.close,
    ("POST", "/v1/files"): files.create,
    ("GET", "/v1/files/{file}"): files.retrieve,
    ("GET", "/v1/events"): events.list_all,
    ("GET", "/v1/events/{id}"): events.retrieve,
    ("GET", "/v1/payment_intents"): payments.list_intents,
    ("GET", "/v1/payment_intents/{intent}"): payments.retrieve_intent,
    ("GET", "/v1/payouts"): payouts.list_all,
    ("GET", "/v1/payouts/{payout}"): payouts.retrieve,
    ("GET", "/v1/refunds"): refunds.list_all,
    ("POST", "/v1/refunds"): refunds.create,
    ("GET", "/v1/refunds/{refund}"): refunds.retrieve,
    ("POST", "/v1/refunds/{refund}"): refunds.update,
    ("GET", "/v1/transfers"): transfers.list_all,
    ("POST", "/v1/transfers"): transfers.create,
    ("GET", "/v1/transfers/{transfer}"): transfers.retrieve,
    ("POST", "/v1/transfers/{transfer}"): transfers.update,
    ("GET", "/v1/transfers/{id}/reversals"): transfers.list_reversals,
    ("POST", "/v1/transfers/{id}/reversals"): transfers.reverse,
    ("GET", "/v1/transfers/{transfer}/reversals/{id}"): transfers.retrieve_reversal,
    ("POST", "/v1/transfers/{transfer}/reversals/{id}"): transfers.update_reversal,
}


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template) + "$")


_PATTERNS = [
    (method, template, _pattern(template), operation)
    for (method, template), operation in OPERATIONS.items()
]


def find(method: str, path: str) -> tuple[str, Operation, dict[str, str]] | None:
    """Template, operation and placeholder values for a request, if it is served."""
    for known, template, pattern, operation in _PATTERNS:
        if known == method and (match := pattern.match(path)):
            return template, operation, match.groupdict()
    return None
