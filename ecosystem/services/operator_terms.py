"""Terms of an operator: its invoices, unpaid balances, and when it is paid."""

from decimal import Decimal
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import audit, catalogue, payouts
from ecosystem.database.queries import terms as queries
from ecosystem.database.tables import OperatorTerms as Row
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.desks import OperatorAccount
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.terms import Overdue, PayAfter, Terms
from ecosystem.services.forms import Form
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.ops_desk import only_ops

LONGEST_ADDRESS = 400
MOST_OVERDUE_DAYS = 60
MOST_PAY_AFTER_DAYS = 90
OPERATORS_SHOWN = 200


def one_line(value: str) -> str:
    """A text on one line, without what would break out of a document."""
    text = " ".join(value.split())
    if not text.isprintable() or any(c in "<>" for c in text):
        raise ValueError("This can't contain < or > or control characters.")
    return text


def address_lines(value: str) -> str:
    """A postal address, at most six lines."""
    lines = [one_line(line) for line in value.splitlines() if line.strip()]
    if len(lines) > 6:
        raise ValueError("An address has at most six lines.")
    return "\n".join(lines)


def percent(value: Decimal) -> Decimal:
    """A percentage with at most two decimals."""
    if not value.is_finite() or value != value.quantize(Decimal("0.01")):
        raise ValueError("Enter a percentage with at most two decimals, like 19 or 7.5.")
    return abs(value) if value == 0 else value  # never "-0"


class TermsForm(Form):
    """What an owner changes; what is left out stays. ``updated_at`` is the one that was read,
    None if there was none."""

    updated_at: AwareDatetime | None = None
    overdue: Overdue | None = None
    overdue_days: Annotated[int, Field(ge=0, le=MOST_OVERDUE_DAYS)] | None = None
    asks_birth_dates: bool | None = None
    invoice_name: Annotated[str, Field(max_length=120), AfterValidator(one_line)] | None = None
    invoice_address: (
        Annotated[str, Field(max_length=LONGEST_ADDRESS), AfterValidator(address_lines)] | None
    ) = None
    tax_number: Annotated[str, Field(max_length=40), AfterValidator(one_line)] | None = None
    tax_percent: Annotated[Decimal, Field(ge=0, le=50), AfterValidator(percent)] | None = None


class PayAfterForm(Form):
    """When operations let an operator's share go."""

    updated_at: AwareDatetime | None = None
    pay_after: PayAfter
    pay_after_days: Annotated[int, Field(ge=0, le=MOST_PAY_AFTER_DAYS)]


class OperatorTerms:
    """An owner changes its own operator's, operations change when anybody's is paid."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def show(self, actor: Actor) -> Terms:
        """The terms of the caller's operator, for its whole team. Raises ``Forbidden``."""
        with self._database.unit(RDS) as session:
            return _view(queries.of(session, operator_of(actor)))

    def edit(self, actor: Actor, form: TermsForm) -> Terms:
        """Change what an owner decides; what is sold already keeps to the new terms too.

        Raises:
            Forbidden: not an owner.
            Conflict: ``edited_elsewhere``; nothing was overwritten.
        """
        operator_id = owning(actor)
        given = form.model_dump(exclude={"updated_at"}, exclude_none=True)
        return self._change(actor, operator_id, form.updated_at, given)

    def set_pay_after(self, actor: Actor, operator_id: UUID, form: PayAfterForm) -> Terms:
        """When an operator's share of a payment is transferred.

        Transfers that are planned already go by the new terms if they have not left.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such operator.
            Conflict: ``edited_elsewhere``.
        """
        only_ops(actor)
        with self._database.unit(ACCOUNTS) as session:
            if catalogue.operator(session, operator_id=operator_id) is None:
                raise NotFound("This operator does not exist.")
        given = form.model_dump(exclude={"updated_at"})
        return self._change(actor, operator_id, form.updated_at, given)

    def operators(self, actor: Actor, words: str = "") -> list[OperatorAccount]:
        """Operators whose name has the words, with its account and terms, by name, at most
        ``OPERATORS_SHOWN``.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(ACCOUNTS) as session:
            found = catalogue.named_operators(session, words.strip()[:100], OPERATORS_SHOWN)
        ids = [one.id for one in found]
        with self._database.unit(RDS) as session:
            accounts = payouts.states(session, "operator", ids)
            terms = queries.of_many(session, ids)
            views = {one: _view(row) for one, row in terms.items()}
        return [
            OperatorAccount(one.id, one.slug, one.name, accounts.get(one.id, "none"), views[one.id])
            for one in found
        ]

    def _change(self, actor: Actor, operator_id: UUID, seen: Any, given: dict[str, Any]) -> Terms:
        with self._database.unit(RDS) as session:
            before = queries.of(session, operator_id)
            changed = {name: new for name, new in given.items() if new != getattr(before, name)}
            if not changed:
                return _view(before)
            old = {name: _plain(getattr(before, name)) for name in changed}
            session.expunge_all()
            if not queries.change(session, operator_id, seen, changed):
                raise Conflict(
                    "Somebody else has changed these terms since you opened them. Nothing was"
                    " overwritten: reload to see their version, then save yours.",
                    code="edited_elsewhere",
                )
            audit.record(
                session,
                actor,
                "terms.edited",
                "operator",
                operator_id,
                old=old,
                new={name: _plain(value) for name, value in changed.items()},
            )
            return _view(queries.of(session, operator_id))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _view(row: Row) -> Terms:
    return Terms(
        pay_after=cast(PayAfter, row.pay_after),
        pay_after_days=row.pay_after_days,
        overdue=cast(Overdue, row.overdue),
        overdue_days=row.overdue_days,
        asks_birth_dates=row.asks_birth_dates,
        invoice_name=row.invoice_name,
        invoice_address=row.invoice_address,
        tax_number=row.tax_number,
        tax_percent=Decimal(row.tax_percent),
        updated_at=row.updated_at,
    )
