"""Contracts: an operator offers one to an agency, the agency answers, either one ends it.

    offered ─accept→ active ─end, or another one accepted→ ended (holds until its last day)
       ├──decline→ declined
       └──withdraw, or offered anew→ withdrawn

What was agreed on never changes; other words are another offer, which takes the place of the one
before on its first day. Bookings keep the terms they were made by.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import AfterValidator, Field

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import agencies, agency_contracts, audit, catalogue, messages
from ecosystem.database.tables import Agency, AgencyContract
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import AgencyModel
from ecosystem.domain.contracts import (
    MOST_DAYS,
    MOST_PERCENT,
    NEEDS_VERIFICATION,
    WITH_DAYS,
    Contract,
    ContractState,
    SellingAgency,
)
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.money import Money
from ecosystem.services.agency_access import earning, owning_agency
from ecosystem.services.forms import Amount, Form, WrittenDay
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.operator_terms import percent
from ecosystem.services.ports import Clock

SHOWN = 500
FOUND = 20
LEAST_WORDS = 3
FARTHEST = timedelta(days=3 * 366)
EMAIL = "email.contract"


class OfferForm(Form):
    """What an operator offers. ``days`` and ``credit`` only where the model has them; it holds
    from ``starts_on`` to ``ends_on``, both included."""

    agency_id: UUID
    model: AgencyModel
    percent: Annotated[Decimal, Field(ge=0, le=MOST_PERCENT), AfterValidator(percent)]
    days: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = None
    credit: Amount | None = None
    starts_on: WrittenDay
    ends_on: WrittenDay | None = None


class EndForm(Form):
    """The last day on which a contract holds."""

    last_day: WrittenDay


class AgencyContracts:
    """Operators see their own, agencies theirs; to anybody else they do not exist."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def today(self) -> date:
        """The day by which contracts hold (UTC)."""
        return self._clock.now().astimezone(UTC).date()

    # --- the operator -------------------------------------------------------------------

    def agencies(self, actor: Actor, words: str = "") -> list[SellingAgency]:
        """Agencies that sold something of the operator or have a contract or an offer of it, the
        most bookings first; with ``words``, every agency with them in its name, at most ``FOUND``
        of those one has nothing to do with.

        Raises:
            Forbidden: no operator.
        """
        operator_id = operator_of(actor)
        asked = " ".join(words.split())[:100].casefold()
        with self._database.unit(RDS) as session:
            sold = agency_contracts.sold_by(session, operator_id)
            rows = agency_contracts.listed(session, SHOWN, operator_id=operator_id)
            near = {row.agency_id for row in (*sold, *rows)}
            known = agency_contracts.parties(session, near)
            if len(asked) >= LEAST_WORDS:
                others = (row for row in agencies.named(session, asked, FOUND + len(near)))
                known |= {row.id: row for row in list(others)[:FOUND] if row.id not in near}
        shown = [row for row in known.values() if asked in row.name.casefold()]
        contracts = self._views(rows, known)
        found = [self._selling(agency, sold, contracts) for agency in shown]
        return sorted(found, key=lambda one: (-one.bookings, one.name.casefold(), one.id))

    def agency(self, actor: Actor, agency_id: UUID) -> tuple[SellingAgency, list[Contract]]:
        """One agency, and everything the two ever offered and agreed on, newest first.

        Raises:
            Forbidden: no operator.
            NotFound: no such agency.
        """
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            row = agencies.agency(session, agency_id)
            if row is None:
                raise NotFound("This agency does not exist.")
            sold = agency_contracts.sold_by(session, operator_id, agency_id)
            rows = agency_contracts.listed(
                session, SHOWN, operator_id=operator_id, agency_id=agency_id
            )
        contracts = self._views(rows, {agency_id: row})
        return self._selling(row, sold, contracts), contracts

    def offered(self, actor: Actor) -> list[Contract]:
        """Everything the caller's operator ever offered, newest first. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        with self._database.unit(RDS) as session:
            rows = agency_contracts.listed(session, SHOWN, operator_id=operator_id)
            known = agency_contracts.parties(session, (row.agency_id for row in rows))
        return self._views(rows, known)

    def example_price(self, actor: Actor) -> tuple[str, Money]:
        """A trip of the operator to show what a contract comes to: its title and public price;
        without one, a round price and no title. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            rows, _ = catalogue.packages_of(session, operator_id, limit=20, offset=0)
        for row in rows:
            if row.status == "published":
                return row.title, Money.from_decimal(row.base_price, row.currency)
        return "", Money(100_000, "EUR")

    def offer(self, actor: Actor, form: OfferForm) -> Contract:
        """Offer a contract; an earlier offer that waits is withdrawn. The agency is told.

        Raises:
            Forbidden: not an owner.
            NotFound: no such agency.
            Invalid: days or credit that the model does not have, or lacks; a period that is not
                one, is over, or begins in more than three years.
        """
        operator_id = owning(actor)
        self._check(form)
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, form.agency_id)
            if agency is None:
                raise NotFound("This agency does not exist.")
            agency_contracts.lock(session, operator_id, agency.id)
            for row in _of_pair(session, operator_id, agency.id, "offered"):
                self._finish(session, actor, row, "withdrawn", told=False)
            row = AgencyContract(
                operator_id=operator_id,
                agency_id=agency.id,
                model=form.model,
                percent=form.percent,
                days=form.days or 0,
                credit_minor=form.credit.amount if form.credit else None,
                currency=form.credit.currency if form.credit else agency.currency,
                starts_on=form.starts_on,
                ends_on=form.ends_on,
                offered_by=cast(UUID, actor.user_id),
                offered_at=self._clock.now(),
            )
            agency_contracts.add(session, row)
            self._written(session, actor, row, "offered")
        return self._views([row], {agency.id: agency})[0]

    def withdraw(self, actor: Actor, contract_id: UUID) -> Contract:
        """Take back an offer that nobody has answered. The agency is told.

        Raises:
            Forbidden: not an owner.
            NotFound: no contract of this operator.
            Conflict: ``contract_answered``.
        """
        with self._changing(contract_id, operator_id=owning(actor)) as (session, row):
            _only_offered(row)
            self._finish(session, actor, row, "withdrawn")
        return self._one(contract_id, operator_id=row.operator_id)

    # --- the agency ---------------------------------------------------------------------

    def received(self, actor: Actor) -> list[Contract]:
        """Everything operators ever offered the agency, newest first.

        Raises:
            Forbidden: no agent, or one who does not see what the agency earns.
        """
        agency_id = earning(actor)
        with self._database.unit(RDS) as session:
            rows = agency_contracts.listed(session, SHOWN, agency_id=agency_id)
            known = agency_contracts.parties(session, [agency_id])
        return self._views(rows, known)

    def accept(self, actor: Actor, contract_id: UUID) -> Contract:
        """Accept an offer: it holds from its first day on, from today if that has passed, and
        takes the place of what held before. Both sides are told.

        Raises:
            Forbidden: not an owner.
            NotFound: no offer to this agency.
            Conflict: ``contract_answered``; ``contract_over``: its last day has passed;
                ``not_verified``: it is for verified agencies.
        """
        agency_id = owning_agency(actor)
        with self._changing(contract_id, agency_id=agency_id) as (session, row):
            _only_offered(row)
            today = self.today()
            if row.ends_on is not None and row.ends_on < today:
                raise Conflict("This offer was for days that are over.", code="contract_over")
            agency = agencies.locked_agency(session, agency_id)
            if row.model in NEEDS_VERIFICATION and (
                agency is None or agency.verification != "verified"
            ):
                raise Conflict(
                    "Net prices are for verified agencies. Ask to be verified on your agency's"
                    " page; the offer waits.",
                    code="not_verified",
                )
            first = max(row.starts_on, today)
            for before in _of_pair(session, row.operator_id, agency_id, "active", "ended"):
                self._replace(session, actor, before, first)
            agency_contracts.change(
                session,
                row.id,
                state="active",
                starts_on=first,
                answered_by=actor.user_id,
                answered_at=self._clock.now(),
            )
            self._written(session, actor, row, "accepted")
        return self._one(contract_id, agency_id=agency_id)

    def decline(self, actor: Actor, contract_id: UUID) -> Contract:
        """Decline an offer; what held before still holds. The operator is told.

        Raises:
            Forbidden: not an owner.
            NotFound: no offer to this agency.
            Conflict: ``contract_answered``.
        """
        agency_id = owning_agency(actor)
        with self._changing(contract_id, agency_id=agency_id) as (session, row):
            _only_offered(row)
            self._finish(session, actor, row, "declined")
        return self._one(contract_id, agency_id=agency_id)

    # --- either -------------------------------------------------------------------------

    def end(self, actor: Actor, contract_id: UUID, form: EndForm) -> Contract:
        """Give a contract its last day, or an earlier one. Both sides are told. What was sold by
        it stays sold by it.

        Raises:
            Forbidden: not an owner of either side.
            NotFound: no contract of the caller's.
            Conflict: ``contract_over``: it does not hold any more, or never did.
            Invalid: a day that has passed, or is after the last day it has.
        """
        owner = _own(actor)
        with self._changing(contract_id, **owner) as (session, row):
            today, last = self.today(), form.last_day
            if row.state not in ("active", "ended") or (row.ends_on and row.ends_on < today):
                raise Conflict("This contract does not hold any more.", code="contract_over")
            if last < today:
                raise Invalid.one("last_day", "Choose today or a later day.")
            if row.ends_on is not None and last > row.ends_on:
                raise Invalid.one("last_day", "It ends earlier already. A longer one is a new one.")
            self._end(session, actor, row, last)
            self._written(session, actor, row, "ended", last_day=str(last))
        return self._one(contract_id, **owner)

    # --- inside -------------------------------------------------------------------------

    def _check(self, form: OfferForm) -> None:
        today = self.today()
        if form.model in WITH_DAYS and form.days is None:
            raise Invalid.one("days", "Say after how many days.")
        if form.model not in WITH_DAYS and form.days:
            raise Invalid.one("days", "This model has no days of its own.")
        if form.credit is not None and form.model != "agency_collects":
            raise Invalid.one("credit", "Only an agency that collects has a credit limit.")
        if form.starts_on < today:
            raise Invalid.one("starts_on", "Choose today or a later day.")
        if form.starts_on > today + FARTHEST:
            raise Invalid.one("starts_on", "Choose a day within three years.")
        if form.ends_on is not None and form.ends_on < form.starts_on:
            raise Invalid.one("ends_on", "The last day can't be before the first.")

    @contextmanager
    def _changing(
        self, contract_id: UUID, **owner: UUID
    ) -> Iterator[tuple[RoutedSession, AgencyContract]]:
        """A contract of the owner's, while nobody else changes anything between the two."""
        with self._database.unit(RDS) as session:
            found = agency_contracts.contract(session, contract_id, **owner)
            if found is None:
                raise _unknown()
            agency_contracts.lock(session, found.operator_id, found.agency_id)
            session.refresh(found)
            yield session, found

    def _replace(
        self, session: RoutedSession, actor: Actor, row: AgencyContract, first: date
    ) -> None:
        if row.state == "ended" and row.ends_on is not None and row.ends_on < first:
            return
        day_before = first - timedelta(days=1)
        last = day_before if row.ends_on is None else min(row.ends_on, day_before)
        self._end(session, actor, row, last)
        audit.record(session, actor, "contract.replaced", "contract", row.id, last_day=str(last))

    def _end(self, session: RoutedSession, actor: Actor, row: AgencyContract, last: date) -> None:
        agency_contracts.change(
            session,
            row.id,
            state="ended",
            # Ended before it began: it never came to hold.
            ends_on=max(last, row.starts_on - timedelta(days=1)),
            ended_by=actor.user_id,
            ended_at=self._clock.now(),
        )

    def _finish(
        self,
        session: RoutedSession,
        actor: Actor,
        row: AgencyContract,
        state: ContractState,
        *,
        told: bool = True,
    ) -> None:
        """An offer comes to nothing."""
        agency_contracts.change(
            session,
            row.id,
            state=state,
            answered_by=actor.user_id,
            answered_at=self._clock.now(),
        )
        self._written(session, actor, row, state, told=told)

    def _written(
        self,
        session: RoutedSession,
        actor: Actor,
        row: AgencyContract,
        what: str,
        *,
        told: bool = True,
        **more: Any,
    ) -> None:
        said = {"model": row.model, "percent": str(row.percent), "days": row.days, **more}
        pair = {"operator_id": str(row.operator_id), "agency_id": str(row.agency_id)}
        audit.record(session, actor, f"contract.{what}", "contract", row.id, **pair, **said)
        if told:
            payload = {"contract_id": str(row.id), "what": what, "by": actor.role}
            messages.send(session, EMAIL, {**payload, "at": self._clock.now().isoformat()})

    def _one(self, contract_id: UUID, **owner: UUID) -> Contract:
        with self._database.unit(RDS) as session:
            row = agency_contracts.contract(session, contract_id, **owner)
            if row is None:
                raise _unknown()
            known = agency_contracts.parties(session, [row.agency_id])
        return self._views([row], known)[0]

    def _views(self, rows: Sequence[AgencyContract], known: dict[UUID, Agency]) -> list[Contract]:
        with self._database.unit(ACCOUNTS) as session:
            operators = catalogue.operators(session, list({row.operator_id for row in rows}))
        names = {row.id: row.name for row in operators}
        return [_view(row, names.get(row.operator_id, ""), known[row.agency_id]) for row in rows]

    def _selling(
        self, agency: Agency, sold: Sequence[Any], contracts: Sequence[Contract]
    ) -> SellingAgency:
        today = self.today()
        own = [row for row in sold if row.agency_id == agency.id]
        of_agency = [one for one in contracts if one.agency_id == agency.id]
        current = sorted((c for c in of_agency if c.current(today)), key=lambda c: c.starts_on)
        return SellingAgency(
            id=agency.id,
            name=agency.name,
            country=agency.country,
            verified=agency.verification == "verified",
            bookings=sum(row.bookings for row in own),
            sold=tuple(Money(int(row.minor), row.currency) for row in own),
            last_sold_at=max((row.last for row in own), default=None),
            contract=current[0] if current else None,
            offer=next((c for c in of_agency if c.standing(today) == "offered"), None),
        )


def _own(actor: Actor) -> dict[str, UUID]:
    if actor.role == "agent":
        return {"agency_id": owning_agency(actor)}
    return {"operator_id": owning(actor)}


def _of_pair(
    session: RoutedSession, operator_id: UUID, agency_id: UUID, *states: str
) -> list[AgencyContract]:
    rows = agency_contracts.listed(session, SHOWN, operator_id=operator_id, agency_id=agency_id)
    return [row for row in rows if row.state in states]


def _only_offered(row: AgencyContract) -> None:
    if row.state != "offered":
        raise Conflict(
            "This offer was answered or withdrawn already. Nothing was changed.",
            code="contract_answered",
        )


def _unknown() -> NotFound:
    return NotFound("This contract does not exist.", code="contract_not_found")


def _view(row: AgencyContract, operator_name: str, agency: Agency) -> Contract:
    return Contract(
        id=row.id,
        operator_id=row.operator_id,
        operator_name=operator_name,
        agency_id=row.agency_id,
        agency_name=agency.name,
        agency_verified=agency.verification == "verified",
        terms=agency_contracts.of(row),
        currency=row.currency,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=cast(ContractState, row.state),
        offered_at=row.offered_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
    )
