"""What an agency says of itself, and whether operations have looked at it.

    none ─ask→ asked ─decide→ verified      sees net prices
                  └──decide→ refused ─ask→ asked

A verified agency that takes another name is looked at again before it sees net prices anew.
"""

from dataclasses import asdict
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, audit, messages
from ecosystem.database.tables import Agency
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency import (
    LEAST_CONTRAST,
    AgencyProfile,
    Registration,
    Verification,
    contrast,
)
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.services.agency_access import agency_of, owning_agency
from ecosystem.services.forms import EmailAddress, Form
from ecosystem.services.operator_profile import (
    company_name,
    known_country,
    phone_number,
    web_address,
)
from ecosystem.services.operator_terms import address_lines, one_line
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock

AGENCIES_SHOWN = 200
DECIDED = "email.agency_verification"


def accent_colour(value: str) -> str:
    """A colour on which white words can be read, or nothing."""
    colour = value.strip().upper()
    if colour and contrast(colour) < LEAST_CONTRAST:
        raise ValueError("White words can't be read on this colour. Choose a darker one.")
    return colour


def said(value: str) -> str:
    """One line that is not empty."""
    line = one_line(value)
    if not line:
        raise ValueError("This is missing.")
    return line


def _absent(value: Any) -> Any:
    return "" if value is None else value


class AgencyProfileForm(Form):
    """What is changed; what is left out stays. ``updated_at`` is the one that was read."""

    updated_at: AwareDatetime
    name: Annotated[str, Field(max_length=1000), AfterValidator(company_name)] | None = None
    country: Annotated[str, Field(max_length=20), AfterValidator(known_country)] | None = None
    address: Annotated[str, Field(max_length=400), AfterValidator(address_lines)] | None = None
    contact_email: EmailAddress | Literal[""] | None = None
    contact_phone: (
        Annotated[str, Field(max_length=40), AfterValidator(phone_number), BeforeValidator(_absent)]
        | None
    ) = None
    website: (
        Annotated[str, Field(max_length=300), AfterValidator(web_address), BeforeValidator(_absent)]
        | None
    ) = None
    accent: Annotated[str, Field(max_length=20), AfterValidator(accent_colour)] | None = None


class VerificationForm(Form):
    """What operations look an agency up by."""

    company: Annotated[str, Field(max_length=160), AfterValidator(said)]
    number: Annotated[str, Field(max_length=60), AfterValidator(said)]
    registry: Annotated[str, Field(max_length=120), AfterValidator(said)]
    tax_number: Annotated[str, Field(max_length=60), AfterValidator(one_line)] = ""


class DecisionForm(Form):
    """Operations' answer to what was asked at ``asked_at``."""

    decision: Literal["verified", "refused"]
    asked_at: AwareDatetime
    note: Annotated[str, Field(max_length=500), AfterValidator(one_line)] = ""


class AgencyProfiles:
    """The caller's own agency; all of them for operations."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self, actor: Actor) -> AgencyProfile:
        """The profile of the caller's agency. Raises ``Forbidden``."""
        with self._database.unit(RDS) as session:
            return _view(agencies.agency(session, agency_of(actor)))

    def edit(self, actor: Actor, form: AgencyProfileForm) -> AgencyProfile:
        """Change the profile, unless somebody else has since it was read.

        Raises:
            Forbidden: not an owner.
            Conflict: ``edited_elsewhere``; nothing was overwritten.
        """
        agency_id = owning_agency(actor)
        given = form.model_dump(exclude={"updated_at"}, exclude_none=True)
        with self._database.unit(RDS) as session:
            row = agencies.locked_agency(session, agency_id)
            before = _view(row)
            changed = {name: new for name, new in given.items() if new != getattr(before, name)}
            if not changed:
                return before
            values: dict[str, Any] = dict(changed)
            if "name" in changed and before.verification == "verified":
                values |= {"verification": "asked", "verification_asked_at": self._clock.now()}
            if not agencies.change_agency(session, agency_id, form.updated_at, values):
                raise Conflict(
                    "Somebody else has changed the profile since you opened it. Nothing was"
                    " overwritten: reload to see their version, then save yours.",
                    code="edited_elsewhere",
                )
            old = {name: getattr(before, name) for name in changed}
            audit.record(
                session, actor, "profile.edited", "agency", agency_id, old=old, new=changed
            )
            return _view(agencies.locked_agency(session, agency_id))

    def ask(self, actor: Actor, form: VerificationForm) -> AgencyProfile:
        """Ask operations to look at the agency; asked again, the newer words count.

        Raises:
            Forbidden: not an owner.
            Conflict: ``already_verified``.
        """
        agency_id = owning_agency(actor)
        with self._database.unit(RDS) as session:
            before = _view(agencies.locked_agency(session, agency_id))
            if before.verification == "verified":
                raise Conflict("Your agency is verified already.", code="already_verified")
            agencies.set_agency(
                session,
                agency_id,
                verification="asked",
                registration=form.model_dump(),
                verification_note="",
                verification_asked_at=self._clock.now(),
            )
            audit.record(session, actor, "verification.asked", "agency", agency_id)
            return _view(agencies.locked_agency(session, agency_id))

    # --- operations ---------------------------------------------------------------------

    def agencies(self, actor: Actor, words: str = "") -> list[AgencyProfile]:
        """Agencies whose name has the words: those that wait first, then by name, at most
        ``AGENCIES_SHOWN``. Raises ``Forbidden``."""
        only_ops(actor)
        with self._database.unit(RDS) as session:
            return [_view(row) for row in agencies.named(session, words[:100], AGENCIES_SHOWN)]

    def decide(self, actor: Actor, agency_id: UUID, form: DecisionForm) -> AgencyProfile:
        """Verify an agency, or say why not; its owners get an e-mail.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such agency.
            Conflict: ``decided``: it does not wait (any more), or asked anew meanwhile.
            Invalid: refused without a reason.
        """
        only_ops(actor)
        if form.decision == "refused" and not form.note:
            raise _reason_missing()
        with self._database.unit(RDS) as session:
            row = agencies.locked_agency(session, agency_id)
            if row is None:
                raise NotFound("This agency does not exist.")
            if row.verification != "asked" or row.verification_asked_at != form.asked_at:
                raise Conflict(
                    "This agency was decided on, or has changed what it says. Look again.",
                    code="decided",
                )
            now = self._clock.now()
            agencies.set_agency(
                session,
                agency_id,
                verification=form.decision,
                verification_note=form.note,
                verified_at=now if form.decision == "verified" else None,
            )
            audit.record(
                session,
                actor,
                f"verification.{form.decision}",
                "agency",
                agency_id,
                note=form.note,
            )
            payload = {"agency_id": str(agency_id), "decision": form.decision}
            messages.send(session, DECIDED, {**payload, "at": now.isoformat()})
            return _view(agencies.locked_agency(session, agency_id))


def _reason_missing() -> Invalid:
    return Invalid.one("note", "Say why: the agency reads it and can ask again.")


def _view(row: Agency | None) -> AgencyProfile:
    if row is None:
        raise NotFound("This agency does not exist.")
    known = {name: str(row.registration.get(name, "")) for name in asdict(Registration())}
    return AgencyProfile(
        id=row.id,
        slug=row.slug,
        name=row.name,
        country=row.country,
        currency=row.currency,
        address=row.address,
        contact_email=row.contact_email,
        contact_phone=row.contact_phone,
        website=row.website,
        accent=row.accent,
        logo=row.logo,
        verification=cast(Verification, row.verification),
        verification_note=row.verification_note,
        verification_asked_at=row.verification_asked_at,
        registration=Registration(**known),
        updated_at=row.updated_at,
    )
