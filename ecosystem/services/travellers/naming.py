"""Naming those who travel on a booking, after it was made.

The buyer's side (whoever sees the booking in full: the traveller, her agency, who has the link
of the e-mail) until some days before departure; the operator's editors until it is over.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, seats
from ecosystem.database.queries import travellers as queries
from ecosystem.database.tables import Booking, SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, FieldError, Forbidden, Gone, Invalid, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.party import Party, missing, names_until, sleepers
from ecosystem.domain.price import Price
from ecosystem.domain.rooming import Sleeper, allotted, overfull, room_sizes
from ecosystem.services.forms import BirthDate, Form, Traveller, person_name
from ecosystem.services.named_travellers import named_travellers
from ecosystem.services.ports import Clock

OPEN = ("pending_payment", "confirmed")
KNOWN = ("name", "kind", "birth_date", "room")


def _name_or_nothing(value: str) -> str:
    return person_name(value) if value.strip() else ""


class TravellerForm(Form):
    """A place in the party; an empty ``name`` leaves it open. ``room`` counts from 1."""

    name: Annotated[str, Field(max_length=1000), AfterValidator(_name_or_nothing)] = ""
    kind: Literal["adult", "child"]
    birth_date: BirthDate = None
    room: int | None = Field(default=None, ge=1, le=99, strict=True)


class NamesForm(Form):
    """Everybody who travels. ``stamp`` is the one that was read: at another nothing is changed."""

    travellers: tuple[TravellerForm, ...] = Field(max_length=99)
    stamp: str | None = Field(default=None, max_length=40)


class Travellers:
    """Who sees a booking in full sees its party; ``key`` is the one in the e-mails' links."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self, actor: Actor, reference: str, *, key: str = "") -> Party:
        """Who travels and who shares a room. Raises ``NotFound``: no such booking, somebody
        else's, or only its reference is known."""
        with self._database.unit(RDS) as session:
            booking = _of(session, actor, reference, key)
            return self._party(session, actor, booking)

    def name(self, actor: Actor, reference: str, form: NamesForm, *, key: str = "") -> Party:
        """Say who travels, in place of what was said before.

        Raises:
            NotFound: as for ``show``.
            Forbidden: somebody who may only look.
            Gone: ``names_closed``: it is too late, or the booking has ended.
            Conflict: ``edited_elsewhere``: it was changed since it was read.
            Invalid: more people than seats, an age that was not priced, a room that is full.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            found = _of(session, actor, reference, key)
            booking = bookings.lock(session, found.id)
            assert booking is not None  # bookings are never deleted
            if refused := _why_not(actor, booking, now):
                raise refused
            if form.stamp is not None and not hmac.compare_digest(
                form.stamp.encode(), _stamp(booking).encode()
            ):
                raise Conflict(
                    _("Somebody else has changed the travellers meanwhile. Look at them first."),
                    code="edited_elsewhere",
                )
            claim = seats.find_claim(session, booking.claim_id)
            assert claim is not None  # a foreign key
            kept = self._kept(booking, claim, form, now)
            if kept != booking.travellers:
                bookings.change(
                    session,
                    booking.id,
                    travellers=kept,
                    # Previews of changes count travellers by their place.
                    revision=booking.revision + 1,
                    updated_at=now,
                )
                audit.record(
                    session,
                    actor,
                    "booking.travellers_named",
                    "booking",
                    booking.reference,
                    named=len(kept),
                    of=booking.adults + booking.children,
                )
                session.refresh(booking)
            return self._party(session, actor, booking)

    def _kept(
        self, booking: Booking, claim: SeatClaim, form: NamesForm, now: datetime
    ) -> list[dict[str, Any]]:
        """The travellers as the booking keeps them; whatever else was stored of one stays."""
        filled = [at for at, one in enumerate(form.travellers) if one.name or one.birth_date]
        nameless = [at for at in filled if not form.travellers[at].name]
        if nameless:
            raise Invalid(
                _("Some of what was entered is not right."),
                fields=tuple(
                    FieldError(f"travellers.{at}.name", _("Enter the full name."))
                    for at in nameless
                ),
            )
        people = [form.travellers[at] for at in filled]
        try:
            named = named_travellers(
                [
                    Traveller(name=one.name, kind=one.kind, birth_date=one.birth_date)
                    for one in people
                ],
                claim,
                starts_on=booking.starts_on,
                today=_today(booking, now),
                sold=True,
            )
        except Invalid as error:
            raise _placed(error, filled) from None
        sizes = room_sizes(Price.from_json(booking.price).lines, booking.adults)
        rooms = [min(one.room or 0, 99) for one in people]
        chosen = [
            Sleeper(filled[at] + 1, one.name, one.kind, one.birth_date, room)
            for at, (one, room) in enumerate(zip(people, rooms, strict=True))
        ]
        _check_rooms(sizes, chosen)
        before = {one.get("name"): one for one in booking.travellers}
        return [
            {k: v for k, v in before.get(one["name"], {}).items() if k not in KNOWN}
            | one
            | ({"room": room} if room and len(sizes) > 1 else {})
            for one, room in zip(named, rooms, strict=True)
        ]

    def _party(self, session: RoutedSession, actor: Actor, booking: Booking) -> Party:
        asks = queries.asks_birth_dates(session, booking.operator_id)
        people = sleepers(booking.adults, booking.children, booking.travellers)
        sizes = room_sizes(Price.from_json(booking.price).lines, booking.adults)
        party = booking.adults + booking.children
        refused = _why_not(actor, booking, self._clock.now())
        return Party(
            reference=booking.reference,
            title=booking.snapshot["package"]["title"],
            lead_name=booking.lead_name,
            birth_dates=asks,
            until=booking.ends_on if actor.role == "provider" else names_until(booking.starts_on),
            why_not=refused.detail if refused else "",
            missing=missing(party, booking.travellers, birth_dates=asks)
            if booking.status in OPEN
            else 0,
            people=tuple(people),
            rooms=allotted(sizes, people),
            facts=tuple(_facts(one) for one in booking.travellers),
            stamp=_stamp(booking),
        )


def _of(session: RoutedSession, actor: Actor, reference: str, key: str) -> Booking:
    booking = bookings.by_reference(session, reference[:40].upper())
    if booking is not None:
        if bookings.by_reference(session, booking.reference, bookings.visible_to(actor)):
            return booking
        if key and hmac.compare_digest(booking.view_key.encode(), key.encode()):
            return booking
    raise NotFound(_("There is no booking with this reference."), code="booking_not_found")


def _why_not(actor: Actor, booking: Booking, now: datetime) -> Forbidden | Gone | None:
    """Why the actor can't name anybody, or None if she can."""
    if booking.status not in OPEN:
        return Gone(
            _("This booking has ended: who travels can't be changed any more."), code="names_closed"
        )
    if actor.role == "ops":
        return Forbidden("Operations can see who travels, not change it.")
    today = _today(booking, now)
    if actor.role == "provider" and actor.operator_id == booking.operator_id:
        if actor.operator_role not in ("owner", "editor"):
            return Forbidden("Your role in the team lets you look, not change.")
        return None if today <= booking.ends_on else _closed(booking)
    return None if today <= names_until(booking.starts_on) else _closed(booking)


def _closed(booking: Booking) -> Gone:
    return Gone(
        _(
            "Names could be told until {day}: the operator has given them on. Write to the operator"
            " if something has to be corrected."
        ).format(day=formats.full_day(names_until(booking.starts_on))),
        code="names_closed",
    )


def _today(booking: Booking, now: datetime) -> date:
    return now.astimezone(ZoneInfo(booking.timezone)).date()


def _stamp(booking: Booking) -> str:
    """Names what was read, and tells nobody anything of it."""
    said = json.dumps(
        [booking.reference, booking.adults, booking.children, booking.travellers], sort_keys=True
    )
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _facts(one: dict[str, Any]) -> str:
    """What else was stored of a traveller, as it stands."""
    return " · ".join(
        f"{key.replace('_', ' ')}: {value}"
        for key, value in one.items()
        if key not in KNOWN and value not in (None, "", [], {})
    )


def _check_rooms(sizes: Sequence[int], people: Sequence[Sleeper]) -> None:
    wrong = [one for one in people if one.room > len(sizes)]
    full = overfull(sizes, people)
    if wrong:
        message = _("There is no such room in this booking.")
    elif full is not None:
        wrong = [one for one in people if one.room == full and one.kind == "adult"][-1:]
        message = _("Room {number} has no more places for adults.").format(number=full)
    else:
        return
    raise Invalid(
        message,
        fields=tuple(FieldError(f"travellers.{one.number - 1}.room", message) for one in wrong),
    )


def _placed(error: Invalid, filled: Sequence[int]) -> Invalid:
    """The same error at the places of the form that were filled in."""
    fields = []
    for item in error.fields:
        parts = item.field.split(".")
        if len(parts) == 3 and parts[0] == "travellers":
            parts[1] = str(filled[int(parts[1])])
        fields.append(FieldError(".".join(parts), item.message))
    return Invalid(error.detail, fields=tuple(fields), code=error.code)
