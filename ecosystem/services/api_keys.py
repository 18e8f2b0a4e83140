"""Keys with which a program of an agency or operator calls the API: ``eco_…``.

A key acts as the person who made it, in the role it was given, which is never that of an
owner: a program changes no team. It is shown once; only its SHA-256 is kept. It ends when an
owner revokes it, or when the person who made it leaves the team or may do less there than it.
"""

import hashlib
from datetime import timedelta
from typing import Annotated, cast
from uuid import UUID

from pydantic import AfterValidator, Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, team
from ecosystem.database.queries import api_keys as queries
from ecosystem.database.tables import ApiKey, OperatorMember, TravelAgent
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor, AgencyRole, OperatorRole
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired
from ecosystem.domain.ids import secret_token, uuid7
from ecosystem.domain.language import _
from ecosystem.domain.team import ApiKeyView, TeamId
from ecosystem.services.agency_access import owning_agency
from ecosystem.services.forms import Form
from ecosystem.services.invitations import audit_team
from ecosystem.services.operator_access import owning
from ecosystem.services.ports import Clock

PREFIX = "eco_"
SHOWN = 12
"""Characters of a key by which people know it again."""
MOST_KEYS = 20
LONGEST_KEY = 100
NOTED_EVERY = timedelta(minutes=1)
ROLES = {"agency": ("agent", "assistant"), "operator": ("editor", "viewer")}


def key_name(value: str) -> str:
    """What people call a key; one line."""
    name = " ".join(value.split())
    if not name:
        raise ValueError("Say which program uses the key.")
    if not name.isprintable() or any(c in "<>" for c in name):
        raise ValueError("A name can't contain < or > or control characters.")
    return name


class ApiKeyForm(Form):
    """A key to be made. ``role``: agent or assistant, of an operator editor or viewer."""

    name: Annotated[str, Field(max_length=80), AfterValidator(key_name)]
    role: Annotated[str, Field(max_length=20)]


class ApiKeys:
    """Only the caller's own team, and only for its owners."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self, actor: Actor) -> list[ApiKeyView]:
        """The team's keys, those that have ended last. Raises ``Forbidden``."""
        at = _owned(actor)
        with self._database.unit(RDS) as session:
            return [_view(row) for row in queries.of_team(session, at.party, at.party_id)]

    def make(self, actor: Actor, form: ApiKeyForm) -> tuple[ApiKeyView, str]:
        """A new key and, this once, the key itself.

        Raises:
            Forbidden: not an owner.
            Invalid: no role that a program of this team can have.
            Conflict: ``too_many_keys``.
        """
        at = _owned(actor)
        if form.role not in ROLES[at.party]:
            raise Invalid.one("role", f"Choose one of: {', '.join(ROLES[at.party])}.")
        key = PREFIX + secret_token()
        with self._database.unit(RDS) as session:
            _still_owns(session, actor, at)
            if queries.live(session, at.party, at.party_id) >= MOST_KEYS:
                raise Conflict(
                    f"A team can have {MOST_KEYS} keys. Revoke one that is not used any more.",
                    code="too_many_keys",
                )
            row = ApiKey(
                id=uuid7(),
                party=at.party,
                party_id=at.party_id,
                role=form.role,
                name=form.name,
                prefix=key[:SHOWN],
                key_hash=_hash(key),
                created_by=cast(UUID, actor.user_id),
                created_by_email=actor.email,
                created_at=self._clock.now(),
            )
            queries.add(session, row)
            audit_team(session, actor, "key_made", at, key=row.prefix, name=row.name, role=row.role)
            return _view(row), key

    def revoke(self, actor: Actor, key_id: UUID) -> None:
        """End a key, from its next use on. Raises ``Forbidden``, ``NotFound``."""
        at = _owned(actor)
        with self._database.unit(RDS) as session:
            row = queries.revoke(session, at.party, at.party_id, key_id, self._clock.now())
            if row is None:
                raise NotFound("This key does not work any more.", code="key_not_found")
            audit_team(session, actor, "key_revoked", at, key=row.prefix, name=row.name)

    def end_of(self, session: RoutedSession, at: TeamId, user_id: UUID) -> None:
        """End the keys of somebody who leaves the team."""
        queries.revoke_of(session, at.party, at.party_id, user_id, self._clock.now())

    def actor(self, key: str) -> Actor:
        """Who calls with this key. Raises ``SignInRequired`` (``invalid_token``)."""
        row = None
        now = self._clock.now()
        if len(key) <= LONGEST_KEY:
            with self._database.unit(RDS) as session:
                row = queries.by_hash(session, _hash(key))
                if row is not None:
                    queries.used(session, row.id, now, now - NOTED_EVERY)
        if row is None:
            raise SignInRequired(
                _("This key is not known here, or it was revoked."), code="invalid_token"
            )
        if row.party == "agency":
            return Actor(
                role="agent",
                source="api_key",
                user_id=row.created_by,
                email=row.created_by_email,
                name=row.name,
                agency_id=row.party_id,
                agency_role=cast(AgencyRole, row.role),
            )
        return Actor(
            role="provider",
            source="api_key",
            user_id=row.created_by,
            email=row.created_by_email,
            name=row.name,
            operator_id=row.party_id,
            operator_role=cast(OperatorRole, row.role),
        )


def _owned(actor: Actor) -> TeamId:
    if actor.role == "agent":
        return TeamId("agency", owning_agency(actor))
    return TeamId("operator", owning(actor))


def _still_owns(session: RoutedSession, actor: Actor, at: TeamId) -> None:
    """Raise ``Forbidden`` for somebody whose session is from before she was demoted or removed:
    her keys ended then, and one made afterwards would stay. Holds the team's lock."""
    if at.party == "agency":
        agencies.lock(session, at.party_id)
        me = agencies.person(session, cast(UUID, actor.user_id))
        owns = me is not None and me.agency_id == at.party_id and _owner(me)
    else:
        team.lock(session, at.party_id)
        rows = team.members(session, at.party_id)
        # The founder has no row before the first change of the team.
        owns = all(_owner(row) for row in rows if row.user_id == actor.user_id)
    if not owns:
        raise Forbidden("You are not an owner of this team any more.", code="not_an_owner")


def _owner(row: TravelAgent | OperatorMember) -> bool:
    return row.role == "owner" and row.disabled_at is None


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        role=row.role,
        created_by_email=row.created_by_email,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
