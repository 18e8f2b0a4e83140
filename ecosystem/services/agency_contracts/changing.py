"""Offering, answering and ending contracts: one change at a time between the two sides."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, agency_contracts, audit, messages
from ecosystem.database.tables import AgencyContract
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.contracts import NEEDS_VERIFICATION, Contract, ContractState
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.services.agency_access import owning_agency
from ecosystem.services.agency_contracts.forms import EndForm, OfferForm, check
from ecosystem.services.agency_contracts.seeing import SHOWN, Seeing, unknown
from ecosystem.services.operator_access import owning

EMAIL = "email.contract"


class AgencyContracts(Seeing):
    """Operators see their own, agencies theirs; to anybody else they do not exist."""

    # --- the operator -------------------------------------------------------------------

    def offer(self, actor: Actor, form: OfferForm) -> Contract:
        """Offer a contract; an earlier offer that waits is withdrawn. The agency is told.

        Raises:
            Forbidden: not an owner.
            NotFound: no such agency.
            Invalid: days or credit that the model does not have, or lacks; a period that is not
                one, is over, or begins in more than three years.
        """
        operator_id = owning(actor)
        check(form, self.today())
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

    @contextmanager
    def _changing(
        self, contract_id: UUID, **owner: UUID
    ) -> Iterator[tuple[RoutedSession, AgencyContract]]:
        """A contract of the owner's, while nobody else changes anything between the two."""
        with self._database.unit(RDS) as session:
            found = agency_contracts.contract(session, contract_id, **owner)
            if found is None:
                raise unknown()
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
