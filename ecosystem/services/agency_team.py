"""Who works for an agency, how somebody comes to, and how one leaves: at once, everywhere.

Everything is decided under one lock for each agency, so there is always an owner.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, sessions
from ecosystem.database.tables import Session, TeamInvitation, TravelAgent
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.team import (
    AgencyTeamRole,
    AgencyTeamView,
    Colleague,
    OpenInvitation,
    TeamId,
)
from ecosystem.services.agency_access import agency_of, owning_agency
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
from ecosystem.services.ports import Clock
from ecosystem.services.sign_in import SignIn


class AgencyInvitationForm(Form):
    """Whom to invite, and as what."""

    email: EmailAddress
    role: AgencyTeamRole


class AgencyRoleForm(Form):
    """What somebody may do from now on."""

    role: AgencyTeamRole


class HandOverForm(Form):
    """Who takes over the clients and the bookings that are not over."""

    to: UUID


class SecondFactorForm(Form):
    """Whether nobody works for the agency without an authenticator app."""

    required: bool


class AgencyTeam:
    """Only the caller's own agency."""

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

    def show(self, actor: Actor) -> AgencyTeamView:
        """The people, what each looks after, and the invitations without an answer; the
        latter are an owner's to see. Raises ``Forbidden``."""
        agency_id = agency_of(actor)
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, agency_id)
            rows = agencies.people(session, agency_id)
            has = agencies.looked_after(session, agency_id)
            waiting = self._invitations.waiting(session, _at(agency_id))
        if agency is None:
            raise NotFound("This agency does not exist.")
        return AgencyTeamView(
            members=tuple(
                sorted(
                    (_colleague(row, *has.get(row.id, (0, 0))) for row in rows),
                    key=lambda one: (one.role != "owner", one.name.casefold(), one.email),
                )
            ),
            invitations=waiting if actor.agency_owner else (),
            requires_second_factor=agency.requires_second_factor,
        )

    # --- inviting -----------------------------------------------------------------------

    def invite(self, actor: Actor, form: AgencyInvitationForm) -> OpenInvitation:
        """Invite an address; an e-mail with a link goes out. An earlier invitation to it ends.

        Raises:
            Forbidden: not an owner.
            Conflict: ``already_a_member``, ``team_too_large``.
        """
        with self._changing(actor) as (session, at):
            taken = {row.email for row in agencies.people(session, at.party_id)}
            return self._invitations.send(session, actor, at, form.email, form.role, taken)

    def resend(self, actor: Actor, invitation_id: UUID) -> None:
        """Send a new link, good for seven days; the old one ends. Raises ``NotFound``."""
        with self._changing(actor) as (session, at):
            self._invitations.resend(session, actor, at, invitation_id)

    def revoke(self, actor: Actor, invitation_id: UUID) -> None:
        """End an invitation: its link leads nowhere any more. Raises ``NotFound``."""
        with self._changing(actor) as (session, at):
            self._invitations.withdraw(session, actor, at, invitation_id)

    # --- joining ------------------------------------------------------------------------

    def name(self, agency_id: UUID) -> str:
        """What somebody is told who follows an invitation's link."""
        with self._database.unit(RDS) as session:
            agency = agencies.agency(session, agency_id)
            return agency.name if agency else ""

    def join(self, actor: Actor, row: TeamInvitation) -> str:
        """Take the account that is signed in into the team; the role it has there.

        Raises:
            Forbidden: ``wrong_account``: another address than the invited one, or an account
                of another kind.
            Gone: ``invitation_ended``.
            Conflict: ``works_elsewhere``: this account works for an agency already.
        """
        check_address(actor, row, "agent")
        agency_id, user_id = row.party_id, cast(UUID, actor.user_id)
        if actor.agency_id == agency_id:
            return row.role
        enrolled = self._sign_in.has_second_factor(actor)
        with self._database.unit(RDS) as session:
            agencies.lock(session, user_id)
            agencies.lock(session, agency_id)
            before = agencies.person(session, user_id)
            if before is not None and before.disabled_at is None:
                if before.agency_id == agency_id:
                    # A second click on the link, while the first was at it.
                    return before.role
                raise works_elsewhere("an agency")
            agency = agencies.agency(session, agency_id)
            assert agency is not None  # agencies are never deleted
            self._invitations.use_up(session, row)
            name = actor.name or row.email.partition("@")[0]
            agencies.put_person(session, user_id, agency_id, row.email, name, row.role)
            keys = sessions.set_agency(
                session,
                user_id,
                agency_id,
                row.role,
                enrol_first=agency.requires_second_factor and not enrolled,
            )
            audit_team(session, actor, "joined", _at(agency_id), role=row.role)
        self._sign_in.look_again(user_id, keys)
        return row.role

    # --- changing -----------------------------------------------------------------------

    def change_role(self, actor: Actor, user_id: UUID, role: AgencyTeamRole) -> None:
        """Let somebody do more or less, from the next thing she does on.

        The keys of programs that she made as more than she is now end.

        Raises:
            Forbidden: not an owner.
            NotFound: not one of the team.
            Conflict: ``last_owner``.
        """
        with self._changing(actor) as (session, at):
            row = self._person(session, at, user_id)
            if row.role == role:
                return
            if row.role == "owner":
                self._keep_an_owner(session, at, user_id)
            agencies.change_person(session, user_id, role=role)
            if role == "assistant":
                self._keys.end_of(session, at, user_id)
            keys = sessions.set_agency(session, user_id, at.party_id, role)
            audit_team(session, actor, "role_changed", at, email=row.email, role=role)
        self._sign_in.look_again(user_id, keys)

    def remove(self, actor: Actor, user_id: UUID, taker: UUID | None = None) -> None:
        """End somebody's access: every session, her invitations and keys, at once.

        Args:
            taker: a colleague who looks after her clients and open bookings from now on; else
                they stay in her name, and everybody of the agency sees them as before.

        Raises:
            Forbidden: not an owner.
            NotFound: not one of the team, ``user_id`` or ``taker``.
            Conflict: ``last_owner``.
        """
        with self._changing(actor) as (session, at):
            row = self._person(session, at, user_id)
            email = row.email
            if row.role == "owner":
                self._keep_an_owner(session, at, user_id)
            if taker is not None:
                self._hand_over(session, actor, at, user_id, taker)
            now = self._clock.now()
            agencies.change_person(session, user_id, disabled_at=now)
            self._invitations.withdraw_from(session, at, user_id)
            self._keys.end_of(session, at, user_id)
            audit_team(session, actor, "removed", at, email=email)
            rows = sessions.end_all(session, now, user_id=user_id)
        self._sign_in.over(user_id, rows)

    def hand_over(self, actor: Actor, giver: UUID, taker: UUID) -> tuple[int, int]:
        """Give somebody's clients and open bookings to a colleague; how many of each.

        Raises:
            Forbidden: not an owner.
            NotFound: not one of the team.
            Invalid: to herself.
        """
        with self._changing(actor) as (session, at):
            self._person(session, at, giver)
            return self._hand_over(session, actor, at, giver, taker)

    def require_second_factor(self, actor: Actor, required: bool) -> None:
        """Ask everybody of the agency for an authenticator app, or ask no more.

        Once it is asked for, all others are signed out: when they come back they set it up
        before anything else.

        Raises:
            Forbidden: not an owner.
            Conflict: ``second_factor_missing``: the caller has none herself.
        """
        owning_agency(actor)
        if required and not self._sign_in.has_second_factor(actor):
            raise Conflict(
                "Set up an authenticator app in your own account first: otherwise you would be"
                " kept out as well.",
                code="second_factor_missing",
            )
        with self._changing(actor) as (session, at):
            agency = agencies.locked_agency(session, at.party_id)
            assert agency is not None  # agencies are never deleted
            if agency.requires_second_factor == required:
                return
            agencies.set_agency(session, at.party_id, requires_second_factor=required)
            audit_team(session, actor, "second_factor", at, required=required)
            rows = []
            if required:
                but = cast(UUID, actor.user_id)
                rows = sessions.end_agency(session, self._clock.now(), at.party_id, but)
        by_person: dict[UUID, list[Session]] = {}
        for row in rows:
            by_person.setdefault(row.user_id, []).append(row)
        for user_id, ended in by_person.items():
            self._sign_in.over(user_id, ended)

    # --- inside -------------------------------------------------------------------------

    @contextmanager
    def _changing(self, actor: Actor) -> Iterator[tuple[RoutedSession, TeamId]]:
        """A unit of work on the actor's team, under its lock.

        The caller is asked for once more whether she is an owner *now*: her session may be
        from before she was demoted.
        """
        agency_id = owning_agency(actor)
        with self._database.unit(RDS) as session:
            agencies.lock(session, agency_id)
            me = agencies.person(session, cast(UUID, actor.user_id))
            if not (me and me.agency_id == agency_id and me.role == "owner" and not me.disabled_at):
                raise Forbidden("You are not an owner of this team any more.", code="not_an_owner")
            yield session, _at(agency_id)

    def _person(self, session: RoutedSession, at: TeamId, user_id: UUID) -> TravelAgent:
        row = agencies.person(session, user_id)
        if row is None or row.agency_id != at.party_id or row.disabled_at is not None:
            raise not_in_team()
        return row

    def _keep_an_owner(self, session: RoutedSession, at: TeamId, leaving: UUID) -> None:
        people = agencies.people(session, at.party_id)
        if not any(row.role == "owner" and row.id != leaving for row in people):
            raise no_owner_left()

    def _hand_over(
        self, session: RoutedSession, actor: Actor, at: TeamId, giver: UUID, taker: UUID
    ) -> tuple[int, int]:
        if giver == taker:
            raise Invalid.one("to", "Choose somebody else to take over.")
        to = self._person(session, at, taker)
        clients, bookings = agencies.hand_over(session, at.party_id, giver, taker)
        audit_team(
            session, actor, "handed_over", at, giver=str(giver), to=to.email,
            clients=clients, bookings=bookings,
        )  # fmt: skip
        return clients, bookings


def _colleague(row: TravelAgent, clients: int, bookings: int) -> Colleague:
    return Colleague(row.id, row.full_name, row.email, row.role, clients, bookings)


def _at(agency_id: UUID) -> TeamId:
    return TeamId("agency", agency_id)
