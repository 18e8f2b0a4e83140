"""Comparing the ledger with the rows it tells of. Group: rds. Each answer is empty when all is well.

Rows have ``reference``, ``currency``, ``books`` (what the ledger says) and ``other``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import LedgerCheck
from ecosystem.database.unit_of_work import RoutedSession

LIMIT = 20

_BOOKINGS = """
  select booking_id, currency, sum(amount_minor) as books, 0 as other
  from ledger_entries group by 1, 2
"""

_REFUNDS = """
  select booking_id, currency, sum(books) as books, sum(other) as other from (
    select booking_id, currency, -amount_minor as books, 0 as other
      from ledger_entries where account = 'refunds'
    union all
    select booking_id, currency, 0, amount_minor from refunds where state in ('wanted', 'failed')
  ) sides group by 1, 2
"""

_TRANSFERS = """
  select booking_id, currency, sum(books) as books, sum(other) as other from (
    select booking_id, currency, amount_minor as books, 0 as other from ledger_entries
      where account in ('operator_payable', 'agency_payable')
        and (cause like 'transfer:%' or cause like 'reversal:%')
    union all
    select booking_id, currency, 0, amount_minor from transfers where state = 'sent'
    union all
    select booking_id, currency, 0, -amount_minor from transfer_reversals where state = 'done'
  ) sides group by 1, 2
"""

_PAYABLES = """
  select booking_id, currency, sum(owed) as books, sum(back) as other from (
    select booking_id, currency, greatest(sum(amount_minor), 0) as owed, 0 as back
      from ledger_entries where account in ('operator_payable', 'agency_payable')
      group by booking_id, currency, account
    union all
    select booking_id, currency, 0, amount_minor
      from transfer_reversals where state in ('wanted', 'failed') and reason <> 'dispute'
    union all
    select booking_id, currency, 0, unrecovered_minor from disputes
  ) sides group by 1, 2 having sum(owed) > sum(back)
"""

_PAID = """
  select booking_id, currency, sum(books) as books, sum(other) as other from (
    select booking_id, currency, -amount_minor as books, 0 as other from ledger_entries
      where account = 'buyer_receivable' and (cause like 'payment:%' or cause like 'refund:%')
    union all
    select booking_id, currency, 0, amount_minor - refunded_minor from payments
      where status in ('paid', 'partially_refunded', 'disputed', 'refunded')
  ) sides group by 1, 2
"""


def _compared(session: RoutedSession, query: LiteralString) -> Sequence[Row[Any]]:
    return session.execute(
        text(
            "select b.reference, x.currency, x.books, x.other"
            f" from ({query}) x join bookings b on b.id = x.booking_id"
            " where x.books <> x.other order by b.created_at desc limit :limit"
        ),
        {"limit": LIMIT},
    ).all()


def bookings(session: RoutedSession) -> Sequence[Row[Any]]:
    """Bookings whose entries do not sum to zero."""
    return _compared(session, _BOOKINGS)


def refunds(session: RoutedSession) -> Sequence[Row[Any]]:
    """Bookings whose account of refunds is not what is promised and not carried out."""
    return _compared(session, _REFUNDS)


def transfers(session: RoutedSession) -> Sequence[Row[Any]]:
    """Bookings of which the ledger says another sum was sent than the transfers do."""
    return _compared(session, _TRANSFERS)


def payables(session: RoutedSession) -> Sequence[Row[Any]]:
    """Bookings of which a party has more than its part that nobody has asked back."""
    return _compared(session, _PAYABLES)


def paid(session: RoutedSession) -> Sequence[Row[Any]]:
    """Bookings of which the ledger says another sum came in and stays than the payments do."""
    return _compared(session, _PAID)


def cash(session: RoutedSession) -> dict[str, int]:
    """Platform cash by currency, minor units."""
    rows = session.execute(
        text(
            "select currency, sum(amount_minor) as cash from ledger_entries"
            " where account = 'platform_cash' group by currency"
        )
    )
    return {row.currency: int(row.cash) for row in rows}


# What the last comparison found ---------------------------------------------------------


def kept(session: RoutedSession) -> dict[str, LedgerCheck]:
    """The result of every check as it was last made, by name."""
    return {row.name: row for row in session.execute(select(LedgerCheck)).scalars()}


def keep(session: RoutedSession, found: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Write down what checks found; a result that is newer stays.

    Each has ``name``, ``differences`` and ``silent``.
    """
    row = insert(LedgerCheck).values([{**one, "at": at} for one in found])
    session.execute(
        row.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "at": row.excluded.at,
                "differences": row.excluded.differences,
                "silent": row.excluded.silent,
            },
            where=LedgerCheck.at < row.excluded.at,  # type: ignore[arg-type]
        )
    )
