"""E-mails to operators and agencies about how they are paid: they can be now, or can't any more;
their bank sent a payout back."""

from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, catalogue, payouts
from ecosystem.database.unit_of_work import Database
from ecosystem.domain import formats
from ecosystem.domain.desks import PayoutParty
from ecosystem.domain.language import ENGLISH, speaking
from ecosystem.domain.money import Money
from ecosystem.services.emails.writing import Letter, as_html, as_text
from ecosystem.services.payouts import RETURN_PATHS
from ecosystem.services.ports import Email, Mail

_WORDS = {
    "active": (
        "You can be paid now",
        "Stripe has switched your payouts on.",
        {
            "operator": "Your packages can be booked, and your share of each booking is sent to"
            " your bank.",
            "agency": "Your commissions are sent to your bank.",
        },
    ),
    "gone": (
        "Your payout account is disconnected",
        "Your account at Stripe is not connected to Ecosystem any more, so we can't pay you.",
        {
            "operator": "Nobody can book your packages until you set payouts up again. What you"
            " have sold stays sold, and what we owe you waits.",
            "agency": "What we owe you waits until you set payouts up again.",
        },
    ),
    "rejected": (
        "Stripe has closed your payout account",
        "Stripe does not send money to this account any more; they decide, not we.",
        {
            "operator": "Nobody can book your packages. What we owe you waits.",
            "agency": "What we owe you waits.",
        },
    ),
    "restricted": (
        "Your payouts have stopped",
        "Stripe needs something from you before it sends money to you again.",
        {
            "operator": "Nobody can book your packages until then. What you have sold stays sold,"
            " and what we owe you waits.",
            "agency": "What we owe you waits until then.",
        },
    ),
}
"""For each state: the subject, what happened, and what it means for whom."""


class PayoutEmails:
    """The handlers of ``email.payouts_changed`` and ``email.payout_failed``. ``origin`` is where people reach the product."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def changed(self, payload: dict[str, Any]) -> None:
        """Tell the people of an account; nothing if it stands otherwise again by now."""
        party, party_id, state = payload["party"], UUID(payload["party_id"]), payload["state"]
        with self._database.unit(RDS) as session:
            row = payouts.account_of(session, party, party_id)
        if row is None or row.state != state:
            return
        # What is not finished yet, or checked, is asked for like what is restricted.
        subject, happened, meaning = _WORDS.get(state, _WORDS["restricted"])
        self._send(
            f"{row.id}.payouts:{row.version}", party, party_id, subject, [happened, meaning[party]]
        )

    def failed(self, payload: dict[str, Any]) -> None:
        """Tell the people of an account that their bank sent a payout back."""
        party, party_id = payload["party"], UUID(payload["party_id"])
        with speaking(ENGLISH.code):
            amount = formats.money(Money(payload["amount_minor"], payload["currency"]))
        said = [
            f"Stripe wanted to pay {amount} to your bank, which sent it back. The money is in your"
            + " account at Stripe; nothing is lost.",
            "Check the bank account there, or name another one. Stripe then pays out again.",
        ]
        if payload["reason"]:
            said.insert(1, f"The bank's reason: {payload['reason']}")
        subject = f"A payout of {amount} did not arrive"
        self._send(f"payout:{payload['payout_id']}", party, party_id, subject, said)

    def _send(
        self, key: str, party: PayoutParty, party_id: UUID, subject: str, said: list[str]
    ) -> None:
        page = ("See your payouts", self._origin + RETURN_PATHS[party])
        with speaking(ENGLISH.code):
            letter = Letter(subject, said, [], page)
            text, html = as_text(letter, ""), as_html(letter, "")
        for number, address in enumerate(self._addresses(party, party_id)):
            self._mail.send(Email(f"{key}:{number}", address, subject, text, html))

    def _addresses(self, party: PayoutParty, party_id: UUID) -> list[str]:
        if party == "agency":
            with self._database.unit(RDS) as session:
                people = agencies.people(session, party_id)
            return [one.email for one in people if one.role == "owner"]
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=party_id)
        return [operator.contact_email] if operator else []
