"""Contracts as either side sees them. To anybody else they do not exist."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.queries import agencies, agency_contracts, catalogue
from ecosystem.database.tables import Agency, AgencyContract
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.contracts import Contract, ContractState, SellingAgency
from ecosystem.domain.errors import NotFound
from ecosystem.domain.money import Money
from ecosystem.services.agency_access import earning
from ecosystem.services.operator_access import operator_of
from ecosystem.services.ports import Clock

SHOWN = 500
FOUND = 20
LEAST_WORDS = 3


class Seeing:
    """Operators see their own, agencies theirs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def today(self) -> date:
        """The day by which contracts hold (UTC)."""
        return self._clock.now().astimezone(UTC).date()

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
        return self._example_price(operator_of(actor))

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

    def example_prices(
        self, actor: Actor, operator_ids: Iterable[UUID]
    ) -> dict[UUID, tuple[str, Money]]:
        """As ``example_price``, of several operators, for their agencies. Raises ``Forbidden``."""
        earning(actor)
        return {one: self._example_price(one) for one in operator_ids}

    # --- inside -------------------------------------------------------------------------

    def _example_price(self, operator_id: UUID) -> tuple[str, Money]:
        with self._database.unit(PACKAGES) as session:
            rows, _ = catalogue.packages_of(session, operator_id, limit=20, offset=0)
        for row in rows:
            if row.status == "published":
                return row.title, Money.from_decimal(row.base_price, row.currency)
        return "", Money(100_000, "EUR")

    def _one(self, contract_id: UUID, **owner: UUID) -> Contract:
        with self._database.unit(RDS) as session:
            row = agency_contracts.contract(session, contract_id, **owner)
            if row is None:
                raise unknown()
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


def unknown() -> NotFound:
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
