"""The e-mail that tells an agency's owners how operations decided about it, in English."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies
from ecosystem.database.tables import Agency
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.services.emails.writing import Letter, as_html, as_text
from ecosystem.services.ports import Email, Mail


class AgencyEmails:
    """The handler of ``email.agency_verification``. ``origin`` is the product's address."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def decided(self, payload: dict[str, Any]) -> None:
        """Tell the owners; nothing if it stands otherwise again by now."""
        agency_id = UUID(payload["agency_id"])
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, agency_id)
            people = agencies.people(session, agency_id)
        if agency is None or agency.verification != payload["decision"]:
            return
        with speaking(ENGLISH.code):
            link = ("Open your agency", f"{self._origin}/agent/profile")
            letter = _letter(agency, link)
            for owner in (one for one in people if one.role == "owner"):
                self._mail.send(
                    Email(
                        id=f"{agency_id}.verification:{payload['at']}:{owner.id}",
                        to=owner.email,
                        subject=letter.subject,
                        text=as_text(letter, owner.full_name),
                        html=as_html(letter, owner.full_name),
                    )
                )


def _letter(agency: Agency, link: tuple[str, str]) -> Letter:
    if agency.verification == "verified":
        return Letter(
            f"{agency.name} is verified",
            ["You see net prices now, beside your commission, when you search for trips."],
            [],
            link,
        )
    return Letter(
        f"{agency.name} could not be verified",
        [
            f"The reason: {agency.verification_note}",
            "Correct what you told us and ask again. You can sell trips meanwhile.",
        ],
        [],
        link,
    )
