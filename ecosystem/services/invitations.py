"""Invitations by e-mail into a team, an operator's or an agency's: for one address, seven days.

What joining comes to is the team's own business (``OperatorTeam``, ``AgencyTeam``). Everything
here happens inside a unit of work that holds the team's lock.
"""

import hashlib
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, messages
from ecosystem.database.queries import invitations as queries
from ecosystem.database.tables import TeamInvitation
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Gone, NotFound
from ecosystem.domain.ids import secret_token, uuid7
from ecosystem.domain.team import (
    InvitationState,
    OpenInvitation,
    TeamId,
)
from ecosystem.services.ports import Clock
from ecosystem.services.sealing import Sealer

LASTS = timedelta(days=7)
MOST_PEOPLE = 100
"""Members and open invitations of one team."""
LONGEST_TOKEN = 100
INVITE = "email.team_invitation"
SEALED_FOR = "invitation"


class Invitations:
    """The life of an invitation: sent, sent again, withdrawn, followed, used up."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    # --- the team's side ----------------------------------------------------------------

    def waiting(self, session: RoutedSession, at: TeamId) -> tuple[OpenInvitation, ...]:
        """Those without an answer, in the order of sending."""
        rows = queries.unanswered(session, at.party, at.party_id)
        return tuple(self._view(row) for row in rows)

    def send(
        self,
        session: RoutedSession,
        actor: Actor,
        at: TeamId,
        email: str,
        role: str,
        taken: set[str],
    ) -> OpenInvitation:
        """Invite an address; an e-mail with a link goes out. An earlier invitation to it ends.

        Args:
            taken: the addresses of the people who are in the team.

        Raises:
            Conflict: ``already_a_member``, ``team_too_large``.
        """
        now, token = self._clock.now(), secret_token()
        if email in taken:
            raise Conflict(f"{email} is in your team already.", code="already_a_member")
        queries.revoke(session, at.party, at.party_id, email, now)
        if len(taken) + len(queries.unanswered(session, at.party, at.party_id)) >= MOST_PEOPLE:
            raise Conflict(
                f"A team can have {MOST_PEOPLE} people, invitations included.",
                code="team_too_large",
            )
        row = TeamInvitation(
            id=uuid7(),
            party=at.party,
            party_id=at.party_id,
            email=email,
            role=role,
            token_hash=_hash(token),
            invited_by=cast(UUID, actor.user_id),
            expires_at=now + LASTS,
        )
        queries.add(session, row)
        self._write_to(session, row, token)
        audit_team(session, actor, "invited", at, email=row.email, role=row.role)
        return self._view(row)

    def resend(self, session: RoutedSession, actor: Actor, at: TeamId, invitation_id: UUID) -> None:
        """Send a new link, good for seven days; the old one ends. Raises ``NotFound``."""
        row, token = self._unanswered(session, at, invitation_id), secret_token()
        queries.renew(session, row.id, _hash(token), self._clock.now() + LASTS)
        self._write_to(session, row, token)
        audit_team(session, actor, "invited", at, email=row.email, again=True)

    def withdraw(
        self, session: RoutedSession, actor: Actor, at: TeamId, invitation_id: UUID
    ) -> None:
        """End one: its link leads nowhere any more. Raises ``NotFound``."""
        row = self._unanswered(session, at, invitation_id)
        queries.revoke(session, at.party, at.party_id, row.email, self._clock.now())
        audit_team(session, actor, "invitation_revoked", at, email=row.email)

    def withdraw_from(self, session: RoutedSession, at: TeamId, user_id: UUID) -> None:
        """End those that somebody sent who leaves the team."""
        queries.revoke_from(session, at.party, at.party_id, user_id, self._clock.now())

    # --- the invited person's side ------------------------------------------------------

    def followed(self, token: str) -> TeamInvitation:
        """What a link belongs to. Raises ``NotFound`` for a link that was never sent."""
        row = None
        if token and len(token) <= LONGEST_TOKEN:
            with self._database.unit(RDS) as session:
                row = queries.by_token(session, _hash(token))
        if row is None:
            raise NotFound("There is no such invitation.", code="invitation_not_found")
        return row

    def state(self, row: TeamInvitation) -> InvitationState:
        """Whether it can still be accepted, and if not, why."""
        if row.accepted_at is not None:
            return "used"
        if row.revoked_at is not None:
            return "revoked"
        return "open" if row.expires_at > self._clock.now() else "expired"

    def use_up(self, session: RoutedSession, row: TeamInvitation) -> None:
        """Accept it. Raises ``Gone`` (``invitation_ended``) if that is too late."""
        if not queries.accept(session, row.id, self._clock.now()):
            raise Gone(
                "This invitation was used, withdrawn or is older than seven days."
                " Ask for a new one.",
                code="invitation_ended",
            )

    # --- inside -------------------------------------------------------------------------

    def _unanswered(
        self, session: RoutedSession, at: TeamId, invitation_id: UUID
    ) -> TeamInvitation:
        row = queries.owned(session, at.party, at.party_id, invitation_id)
        if row is None or row.accepted_at is not None or row.revoked_at is not None:
            raise NotFound("This invitation is not open any more.", code="invitation_not_found")
        return row

    def _write_to(self, session: RoutedSession, row: TeamInvitation, token: str) -> None:
        # The outbox is kept: the link in it is readable to this product alone.
        sealed = self._sealer.seal(token, self._clock.now())
        messages.send(session, INVITE, {"invitation_id": str(row.id), "token": sealed})

    def _view(self, row: TeamInvitation) -> OpenInvitation:
        expired = row.expires_at <= self._clock.now()
        return OpenInvitation(row.id, row.email, row.role, row.expires_at, expired)


def check_address(actor: Actor, row: TeamInvitation, role: str) -> None:
    """Make sure that the invited address is the one signed in, with an account of this kind.

    Raises:
        Forbidden: ``wrong_account``.
    """
    if actor.user_id is None or actor.email.lower() != row.email or actor.role != role:
        raise Forbidden(
            f"This invitation is for {row.email}. Sign in with that address.",
            code="wrong_account",
        )


def works_elsewhere(what: str) -> Conflict:
    """The account is somebody's already. ``what``: a tour operator, an agency."""
    return Conflict(
        f"This account works for {what} already. Ask for an invitation to another e-mail address.",
        code="works_elsewhere",
    )


def no_owner_left() -> Conflict:
    """The last owner can't leave or become something else."""
    return Conflict("A team needs an owner. Make somebody else an owner first.", code="last_owner")


def not_in_team() -> NotFound:
    """Nobody of this team, whoever it is."""
    return NotFound("This person is not in your team.", code="member_not_found")


def audit_team(session: RoutedSession, actor: Actor, what: str, at: TeamId, **data: Any) -> None:
    """Note what was done to a team."""
    audit.record(session, actor, f"team.{what}", at.party, at.party_id, **data)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
