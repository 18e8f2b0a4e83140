"""Who works for an operator, and how somebody comes to: invited by e-mail, for one address.

Everything is decided in RDS under one lock for each operator, so there is always an owner.
Afterwards the operators' own system follows: ``operators.user_id``, which its rules go by, is
given to an owner who still is one (``hand_over``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import catalogue, messages, people, sessions, team
from ecosystem.database.tables import OperatorMember, TeamInvitation, User
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor, OperatorRole
from ecosystem.domain.errors import Forbidden, NotFound
from ecosystem.domain.team import OpenInvitation, Team, TeamId, TeamMember, TeamRole
from ecosystem.services.api_keys import ApiKeys
from ecosystem.services.forms import EmailAddress, Form
from ecosystem.services.invitations import (
    Invitations,
    audit_team,
    check_address,
    no_owner_left,
    not_in_team,
    works_elsewhere,
)
from ecosystem.services.operator_access import operator_of, owning
from ecosystem.services.ports import Clock
from ecosystem.services.sign_in import SignIn

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

    def __init__(
        self,
        database: Database,
        sign_in: SignIn,
        invitations: Invitations,
        keys: ApiKeys,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sign_in = sign_in
        self._invitations = invitations
        self._keys = keys
        self._clock = clock

    # --- seeing -------------------------------------------------------------------------

    def show(self, actor: Actor) -> Team:
        """The people and the invitations without an answer. Raises ``Forbidden``."""
        operator_id = operator_of(actor)
        founder = self._founder(operator_id)
        with self._database.unit(RDS) as session:
            rows = team.members(session, operator_id)
            waiting = self._invitations.waiting(session, _at(operator_id))
        if all(row.user_id != founder.id for row in rows):
            rows.append(_founder_row(operator_id, founder))
        return Team(
            members=tuple(
                sorted(
                    (_member(row) for row in rows if row.disabled_at is None),
                    key=lambda one: (one.role != "owner", one.name.casefold(), one.email),
                )
            ),
            invitations=waiting,
        )

    # --- inviting -----------------------------------------------------------------------

    def invite(self, actor: Actor, form: InvitationForm) -> OpenInvitation:
        """Invite an address; an e-mail with a link goes out. An earlier invitation to it ends.

        Raises:
            Forbidden: not an owner.
            Conflict: ``already_a_member``, ``team_too_large``.
        """
        operator_id = owning(actor)
        with self._changing(actor) as session:
            rows = team.members(session, operator_id)
            taken = {row.email for row in rows if not row.disabled_at}
            return self._invitations.send(
                session, actor, _at(operator_id), form.email, form.role, taken
            )

    def resend(self, actor: Actor, invitation_id: UUID) -> None:
        """Send a new link, good for seven days; the old one ends. Raises ``NotFound``."""
        at = _at(owning(actor))
        with self._changing(actor) as session:
            self._invitations.resend(session, actor, at, invitation_id)

    def revoke(self, actor: Actor, invitation_id: UUID) -> None:
        """End an invitation: its link leads nowhere any more. Raises ``NotFound``."""
        at = _at(owning(actor))
        with self._changing(actor) as session:
            self._invitations.withdraw(session, actor, at, invitation_id)

    # --- joining ------------------------------------------------------------------------

    def name(self, operator_id: UUID) -> str:
        """What somebody is told who follows an invitation's link."""
        with self._database.unit(ACCOUNTS) as session:
            operator = catalogue.operator(session, operator_id=operator_id)
        return operator.name if operator else ""

    def join(self, actor: Actor, row: TeamInvitation) -> str:
        """Take the account that is signed in into the team; the role it has there.

        Raises:
            Forbidden: ``wrong_account``: another address than the invited one.
            Gone: ``invitation_ended``.
            Conflict: ``works_elsewhere``: this account works for an operator already.
        """
        check_address(actor, row, "provider")
        operator_id, user_id = row.party_id, cast(UUID, actor.user_id)
        if actor.operator_id == operator_id:
            return row.role
        with self._database.unit(ACCOUNTS) as session:
            people.add_user(session, user_id, actor.email, actor.name)
            founded = people.operator_of(session, user_id)
        with self._database.unit(RDS) as session:
            team.lock(session, user_id)
            team.lock(session, operator_id)
            before = team.member_of(session, user_id)
            active = before is not None and before.disabled_at is None
            if before is not None and active and before.operator_id == operator_id:
                # A second click on the link, while the first was at it.
                return before.role
            if active or (before is None and founded is not None):
                raise works_elsewhere("a tour operator")
            self._invitations.use_up(session, row)
            name = actor.name or row.email.partition("@")[0]
            team.put_member(session, operator_id, user_id, row.email, name, row.role, anew=True)
            role = cast(OperatorRole, row.role)
            keys = sessions.set_operator(session, user_id, operator_id, role)
            audit_team(session, actor, "joined", _at(operator_id), role=role)
        self._sign_in.look_again(user_id, keys)
        return role

    # --- changing -----------------------------------------------------------------------

    def change_role(self, actor: Actor, user_id: UUID, role: TeamRole) -> None:
        """Let a member do more or less, from the next thing she does on.

        The keys of programs that she made as more than she is now end.

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
            if role == "viewer":
                self._keys.end_of(session, _at(operator_id), user_id)
            messages.send(session, HAND_OVER, {"operator_id": str(operator_id)})
            keys = sessions.set_operator(session, user_id, operator_id, role)
            audit_team(session, actor, "role_changed", _at(operator_id), email=row.email, role=role)
        self._sign_in.look_again(user_id, keys)

    def remove(self, actor: Actor, user_id: UUID) -> None:
        """End a membership, every session of that person, her invitations and her keys.

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
            self._invitations.withdraw_from(session, _at(operator_id), user_id)
            self._keys.end_of(session, _at(operator_id), user_id)
            messages.send(session, HAND_OVER, {"operator_id": str(operator_id)})
            rows = sessions.end_all(session, self._clock.now(), user_id=user_id)
            audit_team(session, actor, "removed", _at(operator_id), email=row.email)
        self._sign_in.over(user_id, rows)

    def hand_over(self, payload: dict[str, Any]) -> None:
        """The outbox's ``operator.hand_over``: the operators' system names a present owner."""
        operator_id = UUID(payload["operator_id"])
        with self._database.unit(RDS) as session:
            # Until it is written: of two at work one could put back an owner who is none any more.
            team.lock(session, operator_id)
            owners = [row.user_id for row in team.members(session, operator_id) if _owns(row)]
            with self._database.unit(ACCOUNTS) as accounts:
                operator = catalogue.operator(accounts, operator_id=operator_id)
                if operator is not None and owners and operator.user_id not in owners:
                    people.set_operator_user(accounts, operator_id, owners[0])

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
        raise not_in_team()

    def _keep_an_owner(self, session: RoutedSession, operator_id: UUID, leaving: UUID) -> None:
        others = (row for row in team.members(session, operator_id) if row.user_id != leaving)
        if not any(_owns(row) for row in others):
            raise no_owner_left()

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
    return TeamMember(row.user_id, row.full_name, row.email, row.role)


def _at(operator_id: UUID) -> TeamId:
    return TeamId("operator", operator_id)
