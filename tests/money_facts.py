"""What became of a booking, without the ids and times that differ between two runs; and what
has to be true of every booking at any time."""

import re
from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ecosystem.database.placement import RDS
from tests.product import Product

Facts = dict[str, Any]

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_IDS = re.compile(rf"{_UUID}|\b(?:cs|pi|ch|re|tr|trr|du|py|acct|evt)_\w+")

_TABLES = {
    "booking": "select status, total_minor, revision, adults, children, starts_on - current_date"
    " as starts_in from bookings where id = :id",
    "seats": "select state, seats from seat_claims where id in"
    " (select claim_id from bookings where id = :id) and state = 'sold'",
    "departures": "select c.departure_id = b.departure_id as here, c.state, sum(c.seats) as seats"
    " from bookings b join seat_claims c on c.id = b.claim_id where b.id = :id group by 1, 2",
    "payments": "select kind, status, amount_minor, refunded_minor, closed_at is not null as closed"
    " from payments where booking_id = :id",
    "changes": "select kind, by, state, before_minor, after_minor, refund_minor, retained_minor"
    " from booking_changes where booking_id = :id",
    "refunds": "select amount_minor, reason, state from refunds where booking_id = :id",
    "transfers": "select party, amount_minor, reversed_minor, state from transfers"
    " where booking_id = :id",
    "reversals": "select amount_minor, reason, state from transfer_reversals"
    " where booking_id = :id",
    "disputes": "select status, amount_minor, fee_minor, unrecovered_minor,"
    " closed_at is not null as closed from disputes where booking_id = :id",
}


def facts(product: Product, booking_id: UUID) -> Facts:
    """Rows, ledger, e-mails and Stripe's own books of one booking, comparable between runs."""
    found: Facts = {
        name: sorted(str(tuple(row)) for row in _rows(product, sql, id=booking_id))
        for name, sql in _TABLES.items()
    }
    found["ledger"] = ledger(product, booking_id)
    found["mails"] = mails(product, booking_id)
    found["stripe"] = at_stripe(product, booking_id)[0]
    return found


def ledger(product: Product, booking_id: UUID) -> list[str]:
    """Every entry: what caused it, the account, the amount."""
    return sorted(
        f"{_IDS.sub('*', row.cause)} {row.account} {row.amount_minor}"
        for row in _rows(
            product,
            "select cause, account, amount_minor from ledger_entries where booking_id = :id",
            id=booking_id,
        )
    )


def mails(product: Product, booking_id: UUID) -> dict[str, int]:
    """How many different e-mails of each kind; one sent twice under its id counts once.

    A mail service offers no "only once": who dies between sending and noting it sends again,
    with the same id.
    """
    ids = {mail.id for mail in product.postbox.sent if str(booking_id) in mail.id}
    return dict(Counter(_IDS.sub("*", one) for one in sorted(ids)))


def at_stripe(product: Product, booking_id: UUID) -> tuple[dict[str, Any], dict[str, int]]:
    """What Stripe has of a booking, and the cash that this leaves there, by currency."""
    v1 = product.stripe.stripe.v1
    group: Any = {"transfer_group": str(booking_id), "limit": 100}
    with_fees: Any = {**group, "expand": ["data.balance_transaction"]}
    charges = v1.charges.list(with_fees).data
    charges = [one for one in charges if one.status == "succeeded"]
    transfers = v1.transfers.list(group).data
    cash: Counter[str] = Counter()
    refunds, disputes = [], []
    for charge in charges:
        booked: Any = charge.balance_transaction
        cash[charge.currency.upper()] += booked.net
        for refund in v1.refunds.list({"charge": charge.id, "limit": 100}).data:
            refunds.append((refund.amount, refund.status))
            if refund.status in ("succeeded", "pending"):
                cash[charge.currency.upper()] -= refund.amount
        if charge.disputed:
            for dispute in v1.disputes.list({"charge": charge.id}).data:
                disputes.append((dispute.amount, dispute.status))
                for entry in dispute.balance_transactions:
                    cash[charge.currency.upper()] += entry.net
    for transfer in transfers:
        cash[transfer.currency.upper()] -= transfer.amount - transfer.amount_reversed
    seen = {
        "charges": sorted((c.amount, c.amount_refunded, c.disputed) for c in charges),
        "refunds": sorted(refunds),
        "transfers": sorted((t.amount, t.amount_reversed) for t in transfers),
        "disputes": sorted(disputes),
    }
    return seen, dict(cash)


def always_true(product: Product) -> None:
    """What holds at any moment, whatever is under way."""
    assert _rows(product, _UNBALANCED) == [], "a posting does not sum to zero"
    assert _rows(product, _OVERSOLD) == [], "a departure has more sold than seats"
    assert _rows(product, _OVERPAID_PARTY) == [], "more was transferred than is owed"
    assert _rows(product, _OVERREFUNDED) == [], "more goes back than was paid"
    assert _rows(product, _DOUBLE_CAUSE) == [], "one fact stands in the ledger twice"


def true_at_rest(product: Product, booking_ids: list[UUID]) -> None:
    """What holds once nothing is under way any more, for each of these bookings."""
    always_true(product)
    assert _rows(product, _PROMISED) == [], "the refunds account is not what is still open"
    assert _rows(product, _UNPAID_SOLD) == [], "seats are sold to a booking that is not"
    assert _rows(product, _PAID_FOR_NOTHING) == [], "paid, and neither seats nor money back"
    for booking_id in booking_ids:
        cash = at_stripe(product, booking_id)[1]
        booked = {
            row.currency: int(row.rest)
            for row in _rows(
                product,
                "select currency, sum(amount_minor) as rest from ledger_entries"
                " where booking_id = :id and account = 'platform_cash' group by currency",
                id=booking_id,
            )
        }
        assert {k: v for k, v in booked.items() if v} == {k: v for k, v in cash.items() if v}, (
            f"booking {booking_id}: the ledger's cash is not Stripe's\n"
            + "\n".join(ledger(product, booking_id))
            + f"\n{at_stripe(product, booking_id)[0]}"
        )


_UNBALANCED = """
    select posting_id, currency, sum(amount_minor) from ledger_entries
    group by posting_id, currency having sum(amount_minor) <> 0
"""
_DOUBLE_CAUSE = """
    select booking_id, cause, account, count(*) from ledger_entries
    group by booking_id, cause, account having count(*) > 1
"""
_OVERSOLD = """
    select d.id, d.capacity, sum(c.seats) from departures d
    join seat_claims c on c.departure_id = d.id and c.state = 'sold'
    group by d.id, d.capacity having sum(c.seats) > d.capacity
"""
_OVERPAID_PARTY = """
    select booking_id, party, sum(amount_minor - reversed_minor) as out, max(owed) as owed
    from transfers t
    join lateral (
        select coalesce(-sum(e.amount_minor), 0) as owed from ledger_entries e
        where e.booking_id = t.booking_id and e.account = t.party || '_payable'
          and split_part(e.cause, ':', 1) in ('booking', 'change', 'adjustment')
          and e.amount_minor < 0
    ) o on true
    where t.state = 'sent'
    group by booking_id, party having sum(amount_minor - reversed_minor) > max(owed)
"""
"""Against what was once owed: a change or a dispute lowers it before the reversal is done."""
_OVERREFUNDED = """
    select p.id from payments p where p.refunded_minor > p.amount_minor
    union all
    select booking_id from ledger_entries
    where account = 'platform_cash' and split_part(cause, ':', 1) in ('payment', 'refund')
      and right(cause, 3) <> 'fee'
    group by booking_id, currency having sum(amount_minor) < 0
"""
_PROMISED = """
    select e.booking_id, e.currency, e.rest, r.open from (
        select booking_id, currency, sum(amount_minor) as rest from ledger_entries
        where account = 'refunds' group by booking_id, currency
    ) e left join lateral (
        select coalesce(sum(amount_minor), 0) as open from refunds r
        where r.booking_id = e.booking_id and r.state in ('wanted', 'failed')
    ) r on true
    where e.rest <> -r.open
"""
_UNPAID_SOLD = """
    select b.id, b.status from bookings b join seat_claims c on c.id = b.claim_id
    where (c.state = 'sold') <> (b.status in ('confirmed', 'completed'))
"""
_PAID_FOR_NOTHING = """
    select b.id, b.status, p.status from bookings b join payments p on p.booking_id = b.id
    where p.status = 'paid' and b.status in ('pending_payment', 'expired')
"""


def _rows(product: Product, sql: str, **values: Any) -> list[Any]:
    with product.database.unit(RDS) as session:
        return list(session.execute(text(sql), values))
