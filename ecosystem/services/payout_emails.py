"""The e-mail that says an operator or agency can be paid now, or can't any more."""

from html import escape
from typing import Any
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, catalogue, payouts
from ecosystem.database.unit_of_work import Database
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
    """The handler of ``email.payouts_changed``. ``origin`` is where people reach the product."""

    def __init__(self, database: Database, mail: Mail, origin: str) -> None:
        self._database = database
        self._mail = mail
        self._origin = origin

    def changed(self, payload: dict[str, Any]) -> None:
        """Tell the people of an account; nothing if it stands otherwise again by now."""
        party, party_id, state = payload["party"], UUID(payload["party_id"]), payload["state"]
        with self._database.unit(RDS) as session:
            row = payouts.account_of(session, party, party_id)
            people = agencies.people(session, party_id) if party == "agency" else []
        if row is None or row.state != state:
            return
        addresses = [one.email for one in people if one.owner]
        if party == "operator":
            with self._database.unit(ACCOUNTS) as session:
                operator = catalogue.operator(session, operator_id=party_id)
            addresses = [operator.contact_email] if operator else []
        # What is not finished yet, or checked, is asked for like what is restricted.
        subject, happened, meaning = _WORDS.get(state, _WORDS["restricted"])
        page = self._origin + RETURN_PATHS[row.party]  # type: ignore[index]
        lines = [happened, meaning[party]]
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        for number, address in enumerate(addresses):
            self._mail.send(
                Email(
                    id=f"{row.id}.payouts:{row.version}:{number}",
                    to=address,
                    subject=subject,
                    text="\n\n".join([*lines, f"See your payouts: {page}"]) + "\n",
                    html=(
                        "<div style='font:16px/1.5 system-ui,sans-serif;color:#1A2022;"
                        "max-width:560px;margin:0 auto;padding:24px'>"
                        "<p style='font:28px Georgia,serif;margin:0 0 16px'>Ecosystem</p>"
                        f"{html}<p><a href='{escape(page)}' style='display:inline-block;"
                        "background:#0F5B5A;color:#fff;padding:10px 18px;border-radius:10px;"
                        "text-decoration:none'>See your payouts</a></p></div>"
                    ),
                )
            )
