"""The voucher: what a traveller shows on the way."""

from datetime import timedelta
from typing import Any

from ecosystem.domain import formats
from ecosystem.domain.language import _
from ecosystem.domain.price import Price
from ecosystem.domain.price_words import what
from ecosystem.services.documents.booking_file import BookingFile
from ecosystem.services.documents.paper import Column, Paper
from ecosystem.services.places.countries import country_name


def voucher(file: BookingFile, origin: str) -> bytes:
    """A PDF in the language of the context; ``origin`` is the product's address.

    The code is the trip's address without its key: whoever finds the paper learns no more
    from it than what is printed.
    """
    booking, operator = file.booking, file.operator
    paper = Paper(
        _("Voucher"),
        made=booking.updated_at,
        sender=booking.snapshot["operator"]["name"],
        foot=f"{booking.reference} · {booking.snapshot['package']['title']}",
        code=f"{origin}/trips/{booking.reference}",
    )
    paper.text(str(booking.snapshot["package"]["title"]), bold=True)
    paper.below_code()
    paper.facts(
        [
            (_("Booking"), booking.reference),
            (_("Dates"), _dates(file)),
            (_("Party"), formats.people(booking.adults + booking.children)),
            (_("Booked by"), booking.lead_name),
            (_("Travel agency"), file.agency),
            (_("Tour operator"), booking.snapshot["operator"]["name"]),
            (_("Reach them"), _contact(operator.contact_phone, operator.contact_email)),
            (_("Payment"), _payment(file)),
        ]
    )
    _travellers(paper, booking.travellers, booking.adults + booking.children)
    _itinerary(paper, file)
    extras = [
        line for line in Price.from_json(booking.price).lines if line.code.startswith("addon:")
    ]
    if extras:
        paper.heading(_("Extras"))
        paper.facts([(what(line), f"× {formats.number(line.quantity)}") for line in extras])
    paper.gap()
    paper.text(
        _("Show this voucher, on paper or on a screen, with your passport or identity card."),
        quiet=True,
    )
    return paper.finished()


def _dates(file: BookingFile) -> str:
    return _("{first} to {last}").format(
        first=formats.weekday(file.booking.starts_on), last=formats.weekday(file.booking.ends_on)
    )


def _contact(*ways: str | None) -> str:
    return ", ".join(way for way in ways if way)


def _payment(file: BookingFile) -> str:
    return _("Paid in full") if file.open.minor <= 0 else _("Not paid in full yet")


def _travellers(paper: Paper, named: list[dict[str, Any]], party: int) -> None:
    paper.heading(_("Travellers"))
    paper.facts(
        [(formats.number(number), str(one.get("name", ""))) for number, one in enumerate(named, 1)],
        label_width=10,
    )
    if party > len(named):
        paper.text(
            _("{count} more, not named yet").format(count=formats.number(party - len(named)))
            if named
            else _("Not named yet"),
            quiet=True,
        )


def _itinerary(paper: Paper, file: BookingFile) -> None:
    rows: list[tuple[str, ...]] = []
    first = file.booking.starts_on
    for stay in file.booking.snapshot["cities"]:
        last = first + timedelta(days=int(stay["nights"]))
        stars = "★" * int(stay.get("hotel_stars") or 0)
        hotel = " ".join(part for part in (str(stay.get("hotel_name") or ""), stars) if part)
        rows.append(
            (
                formats.days(first, last),
                f"{stay['city']}, {country_name(str(stay['country']))}",
                hotel,
                formats.nights(int(stay["nights"])),
            )
        )
        first = last
    paper.heading(_("Where you stay"))
    columns = (
        Column(_("Dates"), 2.2),
        Column(_("Place"), 2.4),
        Column(_("Hotel"), 2.6),
        Column(_("Nights"), 1, "end"),
    )
    paper.table(columns, rows)
