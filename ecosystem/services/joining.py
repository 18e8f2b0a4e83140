"""Following the link of an invitation, into whichever team it is for."""

from typing import Protocol
from uuid import UUID

from ecosystem.database.tables import TeamInvitation
from ecosystem.domain.actor import Actor
from ecosystem.domain.team import InvitationView, TeamKind
from ecosystem.services.invitations import Invitations


class Joinable(Protocol):
    """A kind of team as somebody meets it who is not in it yet."""

    def name(self, team_id: UUID, /) -> str: ...

    def join(self, actor: Actor, row: TeamInvitation, /) -> str: ...


class Joining:
    """What a link invites to, and accepting it."""

    def __init__(self, invitations: Invitations, teams: dict[TeamKind, Joinable]) -> None:
        self._invitations = invitations
        self._teams = teams

    def invitation(self, token: str) -> InvitationView:
        """What a link invites to. Raises ``NotFound`` for a link that was never sent."""
        row = self._invitations.followed(token)
        party: TeamKind = "operator" if row.party == "operator" else "agency"
        return InvitationView(
            party=party,
            team_name=self._teams[party].name(row.party_id),
            email=row.email,
            role=row.role,
            state=self._invitations.state(row),
        )

    def accept(self, actor: Actor, token: str) -> str:
        """Join the team with the account that is signed in; the role it has there.

        Raises:
            NotFound: no such link.
            Gone: ``invitation_ended``: used, revoked or older than seven days.
            Forbidden: ``wrong_account``: another address than the invited one.
            Conflict: ``works_elsewhere``: this account belongs to another team.
        """
        row = self._invitations.followed(token)
        return self._teams["operator" if row.party == "operator" else "agency"].join(actor, row)
