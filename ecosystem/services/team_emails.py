"""The e-mail that invites somebody to a team, an operator's or an agency's."""

from html import escape
from typing import Any

from ecosystem.domain.errors import NotFound
from ecosystem.services.invitations import SEALED_FOR
from ecosystem.services.joining import Joining
from ecosystem.services.ports import Clock, Email, Mail
from ecosystem.services.sign_in import SignIn

ROLES = {
    ("operator", "owner"): "an owner: everything, the team and payouts included",
    ("operator", "editor"): "an editor: packages, departures and messages",
    ("operator", "viewer"): "a viewer: you see everything and change nothing",
    ("agency", "owner"): "an owner: everything, the team and commissions included",
    ("agency", "agent"): "an agent: clients, trips, bookings and what they earn",
    ("agency", "assistant"): "an assistant: clients, trips and bookings",
}


class TeamEmails:
    """The handler of ``email.team_invitation``. ``origin`` is where people reach the product."""

    def __init__(
        self, joining: Joining, sign_in: SignIn, mail: Mail, clock: Clock, origin: str
    ) -> None:
        self._joining = joining
        self._sealer = sign_in.sealer(SEALED_FOR)
        self._mail = mail
        self._clock = clock
        self._origin = origin

    def invitation(self, payload: dict[str, Any]) -> None:
        """Send the link; nothing for an invitation that has ended or got a new link meanwhile."""
        token = str(self._sealer.unseal(payload["token"], self._clock.now()) or "")
        try:
            found = self._joining.invitation(token)
        except NotFound:
            return
        if found.state != "open":
            return
        address = f"{self._origin}/join/{token}"
        who, role = found.team_name, ROLES[found.party, found.role]
        lines = [
            f"{who} invites you to work with them on Ecosystem, as {role}.",
            "The link below is for you alone, for seven days. If you don't know them, do nothing.",
        ]
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        self._mail.send(
            Email(
                id=f"{payload['invitation_id']}.{token[:8]}",
                to=found.email,
                subject=f"{who} invites you to their team",
                text="\n\n".join([*lines, f"Join the team: {address}"]) + "\n",
                html=(
                    "<div style='font:16px/1.5 system-ui,sans-serif;color:#1A2022;max-width:560px;"
                    "margin:0 auto;padding:24px'>"
                    "<p style='font:28px Georgia,serif;margin:0 0 16px'>Ecosystem</p>"
                    f"{html}<p><a href='{escape(address)}' style='display:inline-block;"
                    "background:#0F5B5A;color:#fff;padding:10px 18px;border-radius:10px;"
                    "text-decoration:none'>Join the team</a></p></div>"
                ),
            )
        )
