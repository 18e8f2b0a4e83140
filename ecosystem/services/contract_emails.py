"""E-mails to both sides about their contracts: offered, answered, withdrawn, ended."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, agency_contracts, catalogue
from ecosystem.database.tables import AgencyContract
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.contracts import MEANS, NAMES, facts
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.services.emails.writing import Letter, as_html, as_text
from ecosystem.services.ports import Email, Mail

AGENCY_PAGE = "/agent/contracts"
OPERATOR_PAGE = "/provider/agencies"
TOLD = {
    "offered": ("agency",),
    "withdrawn": ("agency",),
    "declined": ("operator",),
    "accepted": ("operator", "agency"),
    "ended": ("operator", "agency"),
}
"""Who hears of what."""


class ContractEmails:
    """The handler of ``email.contract``. ``origin`` is where people reach the product."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def changed(self, payload: dict[str, Any]) -> None:
        """Tell who has to know; nothing of an offer that does not wait any more."""
        key, what = UUID(payload["contract_id"]), str(payload["what"])
        with self._database.unit(RDS) as session:
            row = agency_contracts.contract(session, key)
            if row is None or (what == "offered" and row.state != "offered"):
                return
            agency = agencies.agency(session, row.agency_id)
            owners = [
                one.email for one in agencies.people(session, row.agency_id) if one.role == "owner"
            ]
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=row.operator_id)
        if agency is None or operator is None:
            return
        sides = {
            "agency": (owners, operator.name, AGENCY_PAGE),
            "operator": ([operator.contact_email], agency.name, OPERATOR_PAGE),
        }
        by_agency = payload["by"] == "agent"
        with speaking(ENGLISH.code):
            for side in TOLD[what]:
                addresses, other, page = sides[side]
                acted = (side == "agency") == by_agency
                letter = _letter(row, what, other, self._origin + page, acted=acted)
                for number, address in enumerate(addresses):
                    self._mail.send(
                        Email(
                            id=f"{key}.contract:{what}:{payload['at']}:{side}:{number}",
                            to=address,
                            subject=letter.subject,
                            text=as_text(letter, ""),
                            html=as_html(letter, ""),
                        )
                    )


def _letter(row: AgencyContract, what: str, other: str, page: str, *, acted: bool) -> Letter:
    terms = agency_contracts.of(row)
    last = "" if row.ends_on is None else formats.full_day(row.ends_on)
    subject, said = {
        "offered": (
            f"{other} offers you a contract",
            "It holds once an owner of your agency accepts it.",
        ),
        "withdrawn": (
            f"{other} has withdrawn its offer",
            "Nothing changes: what you have agreed on before still holds.",
        ),
        "declined": (
            f"{other} has declined your offer",
            "Nothing changes: what you have agreed on before still holds.",
        ),
        "accepted": (
            f"Your contract with {other} is agreed on",
            f"It holds for what is sold from {formats.full_day(row.starts_on)} on.",
        ),
        "ended": (
            f"Your contract with {other} ends" if acted else f"{other} ends your contract",
            f"The last day it holds is {last}. What was sold by it stays sold by it."
            if row.ends_on is not None and row.ends_on >= row.starts_on
            else "It never comes to hold.",
        ),
    }[what]
    until = [] if what == "ended" or not last else [f"Until {last}"]
    since = [f"From {formats.full_day(row.starts_on)}"]
    return Letter(
        subject,
        [said, MEANS[terms.model]],
        [NAMES[terms.model], *facts(terms), *since, *until],
        ("Open your contracts", page),
    )
