"""What a proved identity is here: role, agency, operator. And how a sign-up becomes one.

A role comes from a Cognito group, which only our server assigns, together with our own
rows; never from an attribute that a client can write. A sign-up is finished in steps that
can each be repeated, the note of what was asked for removed last: if the process dies
between any two, the next sign-in goes on.
"""

import hashlib
import re
import unicodedata
from typing import cast
from uuid import UUID

from babel.numbers import get_territory_currencies
from sqlalchemy.exc import IntegrityError

from ecosystem.database.placement import ACCOUNTS, RDS
from ecosystem.database.queries import agencies, invitations, people, team
from ecosystem.database.tables import PendingSignUp
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor, AgencyRole, OperatorRole, Source
from ecosystem.domain.errors import Forbidden, Invalid, SignInRequired, Unavailable
from ecosystem.domain.language import _
from ecosystem.services.ports import Clock, CognitoGroups, Identity

OPS = "ops"
OWNERS = "owners"
AGENTS = "agents"
PROVIDERS = "providers"
CUSTOMERS = "customers"

_FALLBACK_CURRENCY = "EUR"


class Membership:
    """From identities to actors."""

    def __init__(self, database: Database, groups: CognitoGroups, clock: Clock) -> None:
        self._database = database
        self._groups = groups
        self._clock = clock

    # --- who is this ------------------------------------------------------------------

    def of_cognito(self, identity: Identity, *, join: bool = True) -> Actor:
        """The actor behind a Cognito account.

        ``join`` makes a customer of somebody who is nobody else, as a first sign-in does.

        Raises:
            Forbidden: an agent whose access was ended, or whose agency is not known.
            SignInRequired: nobody, and ``join`` is off.
        """
        groups = set(identity.groups)
        with self._database.unit(RDS) as session:
            wish = people.pending(session, identity.email) if identity.email else None
        if wish is not None and wish.subject == identity.subject:
            groups |= self.finish(wish)
        if OPS in groups:
            return Actor(
                role="ops",
                source="cognito",
                user_id=_uuid(identity.subject),
                email=identity.email,
                name=identity.name,
            )
        if groups & {AGENTS, OWNERS}:
            return self._agent(identity)
        if identity.supabase_id:
            if PROVIDERS not in groups and identity.email:
                # The Lambda that takes people in at Cognito's own door can't assign groups.
                self._groups.add_to_group(identity.email, PROVIDERS)
            return self._provider("cognito", _uuid(identity.supabase_id), identity)
        if PROVIDERS in groups:
            return self._provider("cognito", self._known_as(identity), identity)
        return self._customer(identity, join=join)

    def of_supabase(self, identity: Identity) -> Actor:
        """The actor behind a Supabase account: somebody of an operator.

        Raises:
            Forbidden: no operator is known for this account.
        """
        with self._database.unit(RDS) as session:
            wish = people.pending(session, identity.email) if identity.email else None
        if wish is not None and wish.subject == identity.subject and wish.role == "provider":
            self.finish(wish)
        return self._provider("supabase", _uuid(identity.subject), identity)

    def _agent(self, identity: Identity) -> Actor:
        with self._database.unit(RDS) as session:
            row = people.agent(session, identity.subject, identity.email)
            agency = agencies.agency(session, row.agency_id) if row is not None else None
            invited = bool(identity.email) and invitations.is_invited(
                session, "agency", identity.email, self._clock.now()
            )
        if invited and (row is None or row.disabled_at is not None):
            # Who is only invited may come in to accept, and works for nobody until then.
            return Actor(
                role="agent",
                source="cognito",
                user_id=row.id if row is not None else _uuid(identity.subject),
                email=identity.email,
                name=_name(identity.name, identity.email),
            )
        if row is None:
            raise Forbidden(
                _("This account belongs to no agency. Ask the owner of yours to add you."),
                code="no_agency",
            )
        if row.disabled_at is not None:
            raise Forbidden(
                _("Your access was ended by the owner of your agency."), code="access_ended"
            )
        return Actor(
            role="agent",
            source="cognito",
            user_id=row.id,
            email=row.email,
            name=row.full_name,
            agency_id=row.agency_id,
            agency_role=cast(AgencyRole, row.role),
            enrol_first=agency is not None and agency.requires_second_factor,
        )

    def _provider(self, source: Source, user_id: UUID | None, identity: Identity) -> Actor:
        """Somebody of an operator: as its team says, else its founder, else an invited person.

        Who is only invited may come in to accept, and works for nobody until then.
        """
        with self._database.unit(ACCOUNTS) as session:
            founded = people.operator_of(session, user_id) if user_id is not None else None
        with self._database.unit(RDS) as session:
            member = team.member_of(session, user_id) if user_id is not None else None
            invited = bool(identity.email) and invitations.is_invited(
                session, "operator", identity.email, self._clock.now()
            )
        if member is not None and member.disabled_at is None:
            return _of_operator(
                source,
                member.user_id,
                member.email,
                member.full_name,
                member.operator_id,
                cast(OperatorRole, member.role),
            )
        if founded is not None and (member is None or member.operator_id != founded[1].id):
            user, operator = founded
            return _of_operator(source, user.id, user.email, user.full_name, operator.id, "owner")
        if invited and user_id is not None:
            name = _name(identity.name, identity.email)
            return _of_operator(source, user_id, identity.email, name, None, "")
        if member is not None:
            raise Forbidden(
                _("Your access was ended by an owner of your team."), code="access_ended"
            )
        raise Forbidden(
            _("No tour operator is registered for this account. Sign up as an operator first."),
            code="no_operator",
        )

    def _customer(self, identity: Identity, *, join: bool) -> Actor:
        with self._database.unit(RDS) as session:
            row = people.customer(session, identity.subject, identity.email)
            if row is None and join and identity.email:
                people.add_customer(
                    session, identity.subject, identity.email, _name(identity.name, identity.email)
                )
                row = people.customer(session, identity.subject, identity.email)
        if row is None:
            raise SignInRequired(_("This account is not known here. Sign in on the website first."))
        return Actor(
            role="customer",
            source="cognito",
            user_id=row.id,
            email=row.email,
            name=row.full_name,
        )

    def _known_as(self, identity: Identity) -> UUID | None:
        """The user id of a provider whose account began at Cognito, else of her address."""
        subject = _uuid(identity.subject)
        with self._database.unit(ACCOUNTS) as session:
            known = people.user(session, subject)
            if known is None and identity.email:
                known = people.user_by_email(session, identity.email)
        return known.id if known is not None else None

    def new_operators_at_cognito(self, email: str) -> bool:
        """Whether an operator who signs up now begins at Cognito: its tables are in RDS, and
        nobody of an operator has this address."""
        if self._database.placement.database_of(ACCOUNTS) != RDS:
            return False
        with self._database.unit(ACCOUNTS) as session:
            return people.user_by_email(session, email) is None

    # --- finishing a sign-up ----------------------------------------------------------

    def invited_as(self, token: str, email: str) -> str:
        """The kind of account that a link into a team is for: ``agent`` or ``provider``.

        Raises:
            Invalid: ``invitation_ended``: it is not good any more, or for another address.
        """
        with self._database.unit(RDS) as session:
            row = invitations.by_token(session, hashlib.sha256(token.encode()).digest())
        if row is None or row.email != email or not invitations.is_open(row, self._clock.now()):
            raise Invalid.one(
                "email",
                _("This invitation has ended or is for another address. Ask for a new one."),
                code="invitation_ended",
            )
        return "agent" if row.party == "agency" else "provider"

    def finish(self, wish: PendingSignUp) -> set[str]:
        """Make the rows and groups that a confirmed sign-up asked for; can be repeated.

        Returns the groups the person is in by now.
        """
        groups: set[str] = set()
        match wish.role:
            case "provider":
                self._make_operator(wish)
                begun = self._groups.find(wish.email)
                if begun is not None and begun.subject == wish.subject:
                    groups = {PROVIDERS}
            case "agent":
                # Who was invited brings no company: the invitation waits to be accepted.
                groups = {AGENTS}
                if wish.organisation:
                    self._make_agency(wish)
                    groups.add(OWNERS)
            case _:
                with self._database.unit(RDS) as session:
                    people.lock_sign_up(session, wish.subject)
                    if people.customer(session, wish.subject, wish.email) is None:
                        people.add_customer(session, wish.subject, wish.email, wish.full_name)
                groups = {CUSTOMERS}
        for group in sorted(groups):
            self._groups.add_to_group(wish.email, group)
        with self._database.unit(RDS) as session:
            people.remove_pending(session, wish.email, wish.subject)
        return groups

    def _make_agency(self, wish: PendingSignUp) -> None:
        with self._database.unit(RDS) as session:
            people.lock_sign_up(session, wish.subject)
            if people.agent(session, wish.subject, wish.email) is not None:
                return
            agency_id = people.add_agency(
                session,
                wish.organisation,
                slug_of(wish.organisation, "agency"),
                wish.country,
                currency_of(wish.country),
            )
            people.add_agent(session, wish.subject, agency_id, wish.email, wish.full_name, "owner")

    def _make_operator(self, wish: PendingSignUp) -> None:
        user_id = _uuid(wish.subject)
        try:
            with self._database.unit(ACCOUNTS) as session:
                people.add_user(session, user_id, wish.email, wish.full_name)
                # Who was invited brings no company: the invitation waits to be accepted.
                if wish.organisation and people.operator_of(session, user_id) is None:
                    people.add_operator(
                        session,
                        user_id,
                        wish.organisation,
                        slug_of(wish.organisation, "operator"),
                        wish.country,
                        wish.email,
                    )
        except IntegrityError as error:
            # Begun at Cognito, and before it was finished the operators' tables moved back to
            # Supabase, which knows no such person; or her address is somebody else's by now.
            raise Unavailable(
                _("Your operator can't be registered at this moment. Write to us if it stays so.")
            ) from error


def slug_of(name: str, fallback: str) -> str:
    """``Café Zürich & Söhne`` → ``cafe-zurich-sohne``; ``fallback`` for other scripts."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or fallback


def currency_of(country: str) -> str:
    """The currency of a country (ISO 4217), euros for what has none."""
    known = get_territory_currencies(country) if country else []
    return known[0] if known else _FALLBACK_CURRENCY


def _of_operator(
    source: Source,
    user_id: UUID,
    email: str,
    name: str,
    operator_id: UUID | None,
    role: OperatorRole,
) -> Actor:
    return Actor(
        role="provider",
        source=source,
        user_id=user_id,
        email=email,
        name=name,
        operator_id=operator_id,
        operator_role=role,
    )


def _name(name: str, email: str) -> str:
    return name.strip() or email.partition("@")[0]


def _uuid(subject: str) -> UUID:
    try:
        return UUID(subject)
    except ValueError as error:
        raise SignInRequired(_("This account can't be used here.")) from error
