"""People and invitations of a team as its page lists them, an operator's or an agency's."""

from dataclasses import dataclass

from ecosystem.domain.team import OpenInvitation
from ecosystem.state import formats


@dataclass(frozen=True)
class InvitationRow:
    """An invitation nobody has answered."""

    id: str = ""
    email: str = ""
    role: str = ""
    until: str = ""
    expired: bool = False


def invitation_row(row: OpenInvitation) -> InvitationRow:
    """An invitation as the page lists it."""
    until = formats.day(row.expires_at.date())
    return InvitationRow(
        id=str(row.id),
        email=row.email,
        role=row.role,
        until=f"Ended on {until}" if row.expired else f"Good until {until}",
        expired=row.expired,
    )
