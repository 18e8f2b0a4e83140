"""Who works for an operator, and how somebody comes to: invited by e-mail, for one address.

Everything is decided in RDS under one lock for each operator, so there is always an owner.
Afterwards the operators' own system follows: ``operators.user_id``, which its rules go by, is
given to an owner who still is one (``hand_over``).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import audit, catalogue, messages, people, sessions, team
from ecosystem.database.tables import OperatorInvitation, OperatorMember, User
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Gone, NotFound
from ecosystem.domain.ids import secret_token, uuid7
from ecosystem.domain.team import (
    InvitationState,
    InvitationView,
    OpenInvitation,
    Team,
    TeamMember,
    TeamRole,
)
from ecosystem.services.forms import EmailAddress, Form
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.ports import Clock
from ecosystem.services.sign_in import SignIn

LASTS = timedelta(days=7)
MOST_PEOPLE = 100
"""Members and open invitations of one operator."""
LONGEST_TOKEN = 100
INVITE = "email.team_invitation"
SEALED_FOR = "invitation"
HAND_OVER = "operator.hand_over"


class InvitationForm(Form):
    """Whom to invite, and as what."""

    email: EmailAddress
    role: TeamRole


class RoleForm(Form):
    """What a member may do from now on."""

    role: TeamRole


class OperatorTeam:
    """Only the caller's own operator."""

    def __init__(self, database: Database, sign_in: SignIn, clock: Clock) -> None:
        self._database = database
        self._sign_in = sign_in
        self._sealer = sign_in.sealer(SEALED_FOR)
        self._clock = clock

    # --- seeing -------------------------------------------------------------------------

    def show(self, actor: Actor) -> Team:
        """The people and the invitations without an answer. Raises ``Forbidden``."""
        operator_id, now = operator_of(actor), self._clock.now()
        founder = self._founder(operator_id)
        with self._database.unit(RDS) as session:
            rows = team.members(session, operator_id)
            waiting = team.open_invitations(session, operator_id)
        if all(row.user_id != founder.id for row in rows):
            rows.append(_founder_row(operator_id, founder))
        return Team(
            members=tuple(
                sorted(
                    (_member(row) for row in rows if row.disabled_at is None),
                    key=lambda one: (one.role != "owner", one.name.casefold(), one.email),
                )
            ),
            invitations=tuple(
                OpenInvitation(
                    row.id,
                    row.email,
                    cast(TeamRole, row.role),
                    row.expires_at,
                    row.expires_at <= now,
                )
                for row in waiting
            ),
        )

    # --- inviting -----------------------------------------------------------------------

    def invite(self, actor: Actor, form: InvitationForm) -> OpenInvitation:
        """Invite an address; an e-mail with a link goes out. An earlier invitation to it ends.

        Raises:
            Forbidden: not an owner.
            Conflict: ``already_a_member``, ``team_too_large``.
        """
        operator_id, now = owning(actor), self._clock.now()
        token = secret_token()
        with self._changing(actor) as session:
            current = [row for row in team.members(session, operator_id) if not row.disabled_at]
            if any(row.email == form.email for row in current):
                raise Conflict(f"{form.email} is in your team already.", code="already_a_member")
            team.revoke(session, operator_id, form.email, now)
            if len(current) + len(team.open_invitations(session, operator_id)) >= MOST_PEOPLE:
                raise Conflict(
                    f"A team can have {MOST_PEOPLE} people, invitations included.",
                    code="team_too_large",
                )
            row = OperatorInvitation(
                id=uuid7(),
                operator_id=operator_id,
                email=form.email,
                role=form.role,
                token_hash=_hash(token),
                invited_by=cast(UUID, actor.user_id),
                expires_at=now + LASTS,
            )
            team.add_invitation(session, row)
            self._write_to(session, row, token)
            _audit(session, actor, "invited", operator_id, email=row.email, role=row.role)
        return OpenInvitation(row.id, row.email, form.role, row.expires_at, expired=False)

    def resend(self, actor: Actor, invitation_id: UUID) -> None:
        """Send a new link, good for seven days; the old one ends. Raises ``NotFound``."""
        operator_id, token = owning(actor), secret_token()
        with self._changing(actor) as session:
            row = self._waiting(session, operator_id, invitation_id)
            team.renew(session, row.id, _hash(token), self._clock.now() + LASTS)
            self._write_to(session, row, token)
            _audit(session, actor, "invited", operator_id, email=row.email, again=True)

    def revoke(self, actor: Actor, invitation_id: UUID) -> None:
        """End an invitation: its link leads nowhere any more. Raises ``NotFound``."""
        operator_id = owning(actor)
        with self._changing(actor) as session:
            row = self._waiting(session, operator_id, invitation_id)
            team.revoke(session, operator_id, row.email, self._clock.now())
            _audit(session, actor, "invitation_revoked", operator_id, email=row.email)

    def _waiting(
        self, session: RoutedSession, operator_id: UUID, invitation_id: UUID
    ) -> OperatorInvitation:
        row = team.invitation(session, operator_id, invitation_id)
        if row is None or row.accepted_at is not None or row.revoked_at is not None:
            raise NotFound("This invitation is not open any more.", code="invitation_not_found")
        return row

    def _write_to(self, session: RoutedSession, row: OperatorInvitation, token: str) -> None:
        # The outbox is kept: the link in it is readable to this product alone.
        sealed = self._sealer.seal(token, self._clock.now())
        messages.send(session, INVITE, {"invitation_id": str(row.id), "token": sealed})

    # --- accepting ----------------------------------------------------------------------

    def invitation(self, token: str) -> InvitationView:
        """What a link invites to. Raises ``NotFound`` for a link that was never sent."""
        row = self._by_token(token)
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=row.operator_id)
        return InvitationView(
            operator_name=operator.name if operator else "",
            email=row.email,
            role=cast(TeamRole, row.role),
            state=self._state(row),
        )

    def accept(self, actor: Actor, token: str) -> TeamRole:
        """Join the team with the account that is signed in.

        Raises:
            NotFound: no such link.
            Gone: ``invitation_ended``: used, revoked or older than seven days.
            Forbidden: ``wrong_account``: another address than the invited one.
            Conflict: ``works_elsewhere``: this account works for an operator already.
        """
        row = self._by_token(token)
        if actor.user_id is None or actor.email.lower() != row.email or actor.role != "provider":
            raise Forbidden(
                f"This invitation is for {row.email}. Sign in with that address.",
                code="wrong_account",
            )
        role = cast(TeamRole, row.role)
        if actor.operator_id == row.operator_id:
            return role
        with self._database.unit(ACCOUNTS) as session:
            people.add_user(session, actor.user_id, actor.email, actor.name)
            founded = people.operator_of(session, actor.user_id)
        with self._database.unit(RDS) as session:
            team.lock(session, actor.user_id)
            team.lock(session, row.operator_id)
            before = team.member_of(session, actor.user_id)
            if (
                before is not None
                and before.disabled_at is None
                and (before.operator_id == row.operator_id)
            ):
                # A second click on the link, while the first was at it.
                return cast(TeamRole, before.role)
            if (before is not None and before.disabled_at is None) or (
                before is None and founded is not None
            ):
                raise Conflict(
                    "This account works for a tour operator already. Ask for an invitation to"
                    " another e-mail address.",
                    code="works_elsewhere",
                )
            if not team.accept(session, row.id, self._clock.now()):
                raise Gone(
                    "This invitation was used, withdrawn or is older than seven days."
                    " Ask for a new one.",
                    code="invitation_ended",
                )
            name = actor.name or row.email.partition("@")[0]
            team.put_member(
                session, row.operator_id, actor.user_id, row.email, name, role, anew=True
            )
            keys = sessions.set_operator(session, actor.user_id, row.operator_id, role)
            _audit(session, actor, "joined", row.operator_id, role=role)
        self._sign_in.look_again(actor.user_id, keys)
        return role

    def _by_token(self, token: str) -> OperatorInvitation:
        row = None
        if token and len(token) <= LONGEST_TOKEN:
            with self._database.unit(RDS) as session:
                row = team.by_token(session, _hash(token))
        if row is None:
            raise NotFound("There is no such invitation.", code="invitation_not_found")
        return row

    def _state(self, row: OperatorInvitation) -> InvitationState:
        if row.accepted_at is not None:
            return "used"
        if row.revoked_at is not None:
            return "revoked"
        return "open" if team.is_open(row, self._clock.now()) else "expired"

    # --- changing -----------------------------------------------------------------------

    def change_role(self, actor: Actor, user_id: UUID, role: TeamRole) -> None:
        """Let a member do more or less, from the next thing she does on.

        Raises:
            Forbidden: not an owner.
            NotFound: not one of the team.
            Conflict: ``last_owner``.
        """
        operator_id = owning(actor)
        with self._changing(actor) as session:
            row = self._colleague(session, operator_id, user_id)
            if row.role == role:
                return
            if row.role == "owner":
                self._keep_an_owner(session, operator_id, user_id)
            team.set_role(session, operator_id, user_id, role)
            messages.send(session, HAND_OVER, {"operator_id": str(operator_id)})
            keys = sessions.set_operator(session, user_id, operator_id, role)
            _audit(session, actor, "role_changed", operator_id, email=row.email, role=role)
        self._sign_in.look_again(user_id, keys)

    def remove(self, actor: Actor, user_id: UUID) -> None:
        """End a membership, every session of that person and the invitations she sent.

        The operator's calendar feed stays as it is: whoever knows its address reads it until an
        owner renews it.

        Raises:
            Forbidden: not an owner.
            NotFound: not one of the team.
            Conflict: ``last_owner``.
        """
        operator_id = owning(actor)
        with self._changing(actor) as session:
            row = self._colleague(session, operator_id, user_id)
            if row.role == "owner":
                self._keep_an_owner(session, operator_id, user_id)
            team.disable(session, operator_id, user_id, self._clock.now())
            team.revoke_from(session, operator_id, user_id, self._clock.now())
            messages.send(session, HAND_OVER, {"operator_id": str(operator_id)})
            rows = sessions.end_all(session, self._clock.now(), user_id=user_id)
            _audit(session, actor, "removed", operator_id, email=row.email)
        self._sign_in.over(user_id, rows)

    def hand_over(self, payload: dict[str, Any]) -> None:
        """The outbox's ``operator.hand_over``: the operators' system names a present owner."""
        operator_id = UUID(payload["operator_id"])
        with self._database.unit(RDS) as session:
            owners = [row.user_id for row in team.members(session, operator_id) if _owns(row)]
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=operator_id)
            if operator is not None and owners and operator.user_id not in owners:
                people.set_operator_user(session, operator_id, owners[0])

    @contextmanager
    def _changing(self, actor: Actor) -> Iterator[RoutedSession]:
        """A unit of work on the actor's team, under its lock.

        The founder gets a row like everybody's, and the caller is asked for once more whether
        she is an owner *now*: her session may be from before she was demoted.
        """
        operator_id = owning(actor)
        first = _founder_row(operator_id, self._founder(operator_id))
        with self._database.unit(RDS) as session:
            team.lock(session, operator_id)
            team.put_member(
                session,
                operator_id,
                first.user_id,
                first.email,
                first.full_name,
                first.role,
                anew=False,
            )
            rows = team.members(session, operator_id)
            if not any(row.user_id == actor.user_id and _owns(row) for row in rows):
                raise Forbidden("You are not an owner of this team any more.", code="not_an_owner")
            yield session

    def _colleague(
        self, session: RoutedSession, operator_id: UUID, user_id: UUID
    ) -> OperatorMember:
        for row in team.members(session, operator_id):
            if row.user_id == user_id and row.disabled_at is None:
                return row
        raise NotFound("This person is not in your team.", code="member_not_found")

    def _keep_an_owner(self, session: RoutedSession, operator_id: UUID, leaving: UUID) -> None:
        others = (row for row in team.members(session, operator_id) if row.user_id != leaving)
        if not any(_owns(row) for row in others):
            raise Conflict(
                "A team needs an owner. Make somebody else an owner first.", code="last_owner"
            )

    def _founder(self, operator_id: UUID) -> User:
        with self._database.unit(ACCOUNTS) as session:
            found = people.founder(session, operator_id)
        if found is None:
            raise NotFound("This operator does not exist.")
        return found


def _owns(row: OperatorMember) -> bool:
    return row.role == "owner" and row.disabled_at is None


def _founder_row(operator_id: UUID, user: User) -> OperatorMember:
    return OperatorMember(
        operator_id=operator_id,
        user_id=user.id,
        email=user.email.lower(),
        full_name=user.full_name,
        role="owner",
    )


def _member(row: OperatorMember) -> TeamMember:
    return TeamMember(row.user_id, row.full_name, row.email, cast(TeamRole, row.role))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _audit(session: RoutedSession, actor: Actor, what: str, operator_id: UUID, **data: Any) -> None:
    audit.record(session, actor, f"team.{what}", "operator", operator_id, **data)
