"""The form of the checkout: its fields, what was typed into them, and what was wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.views import BookingView, HoldView
from ecosystem.state.calling import field_errors


@dataclass(frozen=True)
class LeadErrors:
    """What is wrong with what the buyer said of herself, and with the form as a whole."""

    name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: str = ""
    whole: str = ""


@dataclass(frozen=True)
class TravellerField:
    """The fields of somebody who comes along; ``born`` is that of the date of birth."""

    name: str
    label: str
    kind: str
    born: str
    born_label: str
    value: str = ""
    birth_date: str = ""
    error: str = ""
    birth_error: str = ""


@dataclass(frozen=True)
class Entered:
    """What the form sent. ``fields`` are the travellers that were filled in, in order."""

    lead: dict[str, str]
    birth_date: str
    others: list[dict[str, str]]
    fields: list[str]
    client_id: str = ""

    def booking(
        self, hold_id: UUID | None, how: str, total: Money | None, *, birth_dates: bool
    ) -> dict[str, Any]:
        """The data of a ``BookingForm``; the lead travels as the first adult. The terms are
        accepted by paying, as the page says beside its button."""
        lead = {"name": self.lead["name"], "kind": "adult", "birth_date": self.birth_date}
        return {
            "hold_id": str(hold_id),
            "lead": self.lead,
            "travellers": [lead, *self.others] if self.others or birth_dates else [],
            "pay": how,
            "client_id": self.client_id or None,
            "accept_terms": True,
            "expected_total": {"amount": total.minor, "currency": total.currency}
            if total
            else None,
        }


def entered(form: Any, fields: Sequence[TravellerField], *, birth_dates: bool) -> Entered:
    """Read the form as sent; anything that is not text counts as left empty."""
    sent: Mapping[str, Any] = form if isinstance(form, dict) else {}

    def text(name: str) -> str:
        value = sent.get(name)
        return value.strip()[:1000] if isinstance(value, str) else ""

    # Where dates of birth are asked for, everybody has to be named.
    filled = [f for f in fields if birth_dates or text(f.name)]
    return Entered(
        {"name": text("name"), "email": text("email"), "phone": text("phone")},
        text("birth_date"),
        [{"name": text(f.name), "kind": f.kind, "birth_date": text(f.born)} for f in filled],
        [f.name for f in filled],
        text("client_id"),
    )


def traveller_fields(hold: HoldView, booking: BookingView | None) -> list[TravellerField]:
    """A field for each seat after the lead's, filled in as far as is known."""
    known: dict[str, list[tuple[str, str]]] = {"adult": [], "child": []}
    for other in (booking.travellers if booking else ())[1:]:
        said = (str(other.get("name", "")), str(other.get("birth_date", "")))
        known.setdefault(str(other.get("kind")), []).append(said)
    fields: list[TravellerField] = []
    for n in range(2, hold.seats + 1):
        kind = "adult" if n <= hold.adults else "child"
        message = (
            _("Name of traveller {n}") if kind == "adult" else _("Name of traveller {n} (child)")
        )
        value, birth_date = known[kind].pop(0) if known[kind] else ("", "")
        fields.append(
            TravellerField(
                f"traveller_{n}",
                message.format(n=n),
                kind,
                f"born_{n}",
                _("Date of birth of traveller {n}").format(n=n),
                value,
                birth_date,
            )
        )
    return fields


def refused(
    error: EcosystemError, fields: Sequence[TravellerField], order: Sequence[str]
) -> tuple[LeadErrors, list[TravellerField]]:
    """Each message at its field; ``order`` names the traveller fields that were sent."""
    errors = field_errors(error)

    def at(name: str) -> str:
        return errors.pop(name, "")

    lead = LeadErrors(
        # The lead is the first of the travellers: the same name is wrong in both places.
        name=at("lead.name") or errors.get("travellers.0.name", ""),
        email=at("lead.email"),
        phone=at("lead.phone"),
        birth_date=at("travellers.0.birth_date"),
    )
    at("travellers.0.name")
    told = {
        name: (at(f"travellers.{n}.name"), at(f"travellers.{n}.birth_date"))
        for n, name in enumerate(order, 1)
    }
    shown = [
        replace(f, error=told.get(f.name, ("", ""))[0], birth_error=told.get(f.name, ("", ""))[1])
        for f in fields
    ]
    whole = next(iter(errors.values()), "" if error.fields else error.detail)
    return replace(lead, whole=whole), shown
