"""Clients in the words of the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ecosystem.domain.clients import (
    ClientLine,
    ClientView,
    Duplicate,
    Fitness,
    IdentityView,
    TimelineItem,
    Twin,
)
from ecosystem.services.clients.desk import KINDS
from ecosystem.services.clients.sheets import RowReport
from ecosystem.services.sign_in_forms import country_name
from ecosystem.state import formats
from ecosystem.state.agent.quote_lines import status_of
from ecosystem.state.booking_words import TONES, status_words

PATH = "/agent/clients"
PASSPORT: dict[Fitness, tuple[str, str]] = {
    "": ("", "plain"),
    "none": ("", "plain"),
    "fits": ("", "plain"),
    "short": ("Passport ends soon", "warn"),
    "expires": ("Passport not valid", "bad"),
}
ALIKE = {
    "email": "Same e-mail address",
    "phone": "Same telephone number",
    "name": "Same name and date of birth",
}
RESULTS = {
    "create": ("New", "good"),
    "change": ("Changes", "brand"),
    "same": ("Same", "plain"),
    "wrong": ("Wrong", "bad"),
}


@dataclass(frozen=True)
class ClientRow:
    """A client in the list."""

    id: str = ""
    href: str = ""
    name: str = ""
    contact: str = ""
    tags: str = ""
    household: str = ""
    agent: str = ""
    next_trip: str = ""
    passport: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class PairRow:
    """Two clients who may be one person."""

    key: str = ""
    alike: str = ""
    one: str = ""
    one_name: str = ""
    one_facts: str = ""
    other: str = ""
    other_name: str = ""
    other_facts: str = ""


@dataclass(frozen=True)
class ClientPageView:
    """A client as the form is filled in, and what stands beside it."""

    id: str = ""
    name: str = ""
    facts: str = ""
    email: str = ""
    phone: str = ""
    country: str = ""
    birth_date: str = ""
    nationality: str = ""
    address: str = ""
    language: str = ""
    preferences: str = ""
    notes: str = ""
    tags: str = ""
    agent_id: str = ""
    household: str = ""
    household_href: str = ""
    consent: bool = False
    consent_source: str = ""
    consent_since: str = ""


@dataclass(frozen=True)
class PersonLink:
    """Somebody of the same household, or who was merged (``key``: of the merge)."""

    key: str = ""
    href: str = ""
    name: str = ""
    detail: str = ""


@dataclass(frozen=True)
class DocumentRow:
    """A document, masked."""

    id: str = ""
    kind: str = ""
    masked: str = ""
    facts: str = ""
    badge: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class TimelineRow:
    """Something that happened."""

    key: str = ""
    day: str = ""
    label: str = ""
    tone: str = "plain"
    title: str = ""
    detail: str = ""
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class SheetRow:
    """A row of a file."""

    row: str = ""
    name: str = ""
    details: str = ""
    outcome: str = ""
    tone: str = "plain"


def client_href(client_id: object) -> str:
    """The address of a client's page."""
    return f"{PATH}/{client_id}"


def client_row(line: ClientLine) -> ClientRow:
    """A line of the list. A passport is spoken of only when there is a trip, or it has ended."""
    words, tone = PASSPORT[line.passport]
    if line.passport == "short" and line.next_trip is None:
        words = ""
    return ClientRow(
        id=str(line.id),
        href=client_href(line.id),
        name=line.name,
        contact=" · ".join(filter(None, (line.email, line.phone))) or "No contact yet",
        tags=" · ".join(line.tags[:3]),
        household=line.household,
        agent=line.agent,
        next_trip=formats.day(line.next_trip) if line.next_trip else "",
        passport=words,
        tone=tone,
    )


def pair_row(pair: Duplicate) -> PairRow:
    """Two clients side by side."""
    return PairRow(
        key=f"{pair.first.id}-{pair.second.id}",
        alike=ALIKE[pair.alike],
        one=str(pair.first.id),
        one_name=pair.first.name,
        one_facts=_twin(pair.first),
        other=str(pair.second.id),
        other_name=pair.second.name,
        other_facts=_twin(pair.second),
    )


def _twin(one: Twin) -> str:
    count = f"{one.bookings} booking{'' if one.bookings == 1 else 's'}" if one.bookings else ""
    born = _born(one.birth_date) if one.birth_date else ""
    return " · ".join(filter(None, (one.email, one.phone, born, count)))


def client_page(view: ClientView) -> ClientPageView:
    """The client's page."""
    facts = (
        view.email,
        view.phone,
        _born(view.birth_date) if view.birth_date else "",
        f"travels {formats.day(view.next_trip)}" if view.next_trip else "",
    )
    return ClientPageView(
        id=str(view.id),
        name=view.name,
        facts=" · ".join(filter(None, facts)) or "No contact yet",
        email=view.email,
        phone=view.phone,
        country=view.country,
        birth_date=view.birth_date.isoformat() if view.birth_date else "",
        nationality=view.nationality,
        address=view.address,
        language=view.language,
        preferences=view.preferences,
        notes=view.notes,
        tags=", ".join(view.tags),
        agent_id=str(view.agent_id) if view.agent_id else "",
        household=view.household,
        consent=view.consent_at is not None,
        consent_source=view.consent_source,
        consent_since=(
            f"Since {formats.full_day(view.consent_at.date())}" if view.consent_at else ""
        ),
    )


def relatives(view: ClientView) -> list[PersonLink]:
    """The others of the household."""
    return [
        PersonLink(
            str(one.id),
            client_href(one.id),
            one.name,
            _born(one.birth_date) if one.birth_date else "",
        )
        for one in view.relatives
    ]


def merged(view: ClientView) -> list[PersonLink]:
    """Who was merged into this client."""
    return [
        PersonLink(str(one.id), "", one.name, f"{one.by}, {formats.full_day(one.at.date())}")
        for one in view.merged
    ]


def document_rows(documents: Sequence[IdentityView]) -> list[DocumentRow]:
    """Documents, masked."""
    rows = []
    for one in documents:
        ends = f"valid until {formats.full_day(one.expires_on)}" if one.expires_on else ""
        country = country_name(one.country) if one.country else ""
        words, tone = {
            "expires": ("Not valid", "bad"),
            "short": ("Under 6 months", "warn"),
        }.get(one.fit, ("", "plain"))
        rows.append(
            DocumentRow(
                id=str(one.id),
                kind=KINDS[one.kind],
                masked=f"•••• {one.last_four}".strip(),
                facts=" · ".join(filter(None, (country, ends))),
                badge=words,
                tone=tone,
            )
        )
    return rows


def timeline_rows(items: Sequence[TimelineItem]) -> list[TimelineRow]:
    """What happened, newest first."""
    return [_happened(item, number) for number, item in enumerate(items)]


def _happened(item: TimelineItem, number: int) -> TimelineRow:
    labels = {
        "booking": "Booking", "quote": "Proposal", "note": "Note", "document": "Document", "email": "E-mail",
        "merge": "Merged", "client": "Client",
    }  # fmt: skip
    tone, detail, title = "plain", item.detail, item.title
    href = f"/agent/bookings/{item.reference}" if item.reference else ""
    if item.kind == "booking":
        tone = TONES.get(item.detail, "plain")  # type: ignore[call-overload]
        detail = status_words(item.detail) + f" · {item.reference}"  # type: ignore[arg-type]
    elif item.kind == "quote":
        detail, tone = status_of(item.detail)  # type: ignore[arg-type]
        href = f"/agent/quotes/{item.id}"
    elif item.kind == "merge":
        title = f"{item.title} was the same person"
    elif item.kind == "email":
        detail = f"to {item.detail}"
    return TimelineRow(
        key=f"{item.kind}-{number}",
        day=formats.full_day(item.at.date()),
        label=labels[item.kind],
        tone=tone,
        title=title,
        detail=detail,
        href=href,
        note=str(item.id) if item.kind == "note" else "",
    )


def sheet_row(row: RowReport) -> SheetRow:
    """What a row of a file does."""
    outcome, tone = RESULTS[row.outcome]
    if row.outcome == "change":
        details = "Changes " + ", ".join(_words(one.field) for one in row.messages)
    else:
        details = "\n".join(
            f"{_words(one.field)}: {one.message}".removeprefix(": ") for one in row.messages
        )
    return SheetRow(str(row.row), row.name or "—", details, outcome, tone)


def _words(name: str) -> str:
    return {"agent_id": "agent"}.get(name, name).replace("_", " ")


def _born(at: date) -> str:
    return f"born {formats.full_day(at)}"
