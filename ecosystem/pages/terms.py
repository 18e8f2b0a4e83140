"""The marketplace's terms, in words that can be read."""

from datetime import date

import reflex as rx

from ecosystem.domain import formats
from ecosystem.domain.booking import TERMS_VERSION
from ecosystem.domain.language import _
from ecosystem.pages.components.surfaces import heading, page_header
from ecosystem.pages.layout import public_page


def page() -> rx.Component:
    """Draw the terms."""
    day = formats.full_day(date.fromisoformat(TERMS_VERSION))
    return public_page(
        page_header(
            _("Terms"),
            below=_("Trips have been sold here by these terms since {day}.").format(day=day),
            big=True,
        ),
        *(_part(title, paragraphs) for title, *paragraphs in _parts()),
        width="text",
    )


def _part(title: str, paragraphs: list[str]) -> rx.Component:
    return rx.el.section(
        heading(title, "mb-2"),
        *(rx.el.p(text, class_name="mt-2 max-w-[64ch]") for text in paragraphs),
        class_name="mt-8",
    )


def _parts() -> tuple[tuple[str, ...], ...]:
    return (
        (
            _("Who you deal with"),
            _(
                "Each trip is run by a tour operator, who is named on its page and on your"
                " voucher. The contract for the trip is between you and that operator. Ecosystem"
                " shows the trip, holds your seats, takes your payment and passes it on."
            ),
        ),
        (
            _("Price"),
            _(
                "The total you see before you pay is what you pay: every line of it stands beside"
                " the form. Amounts in another currency than the one you are charged in are a help"
                " for reading, at the day's rate."
            ),
            _(
                "When you reserve, the price is held with the seats. If it has changed between the"
                " trip's page and your reservation, we ask before anything goes on."
            ),
        ),
        (
            _("Seats while you pay"),
            _(
                "Reserved seats are yours for 35 minutes, and once for ten minutes more. If a card"
                " is declined they stay yours. When the time is over they are on sale again, and"
                " nothing is charged."
            ),
            _(
                "A payment that arrives after that still gets its seats if they are free. If they"
                " are gone, all of it goes back to you by itself, and an e-mail says so."
            ),
        ),
        (
            _("Booking, deposit and balance"),
            _(
                "You have a booking once the first payment has arrived; the confirmation comes by"
                " e-mail. With a deposit, the rest is due on the day that was shown, and we remind"
                " you before it. If it stays unpaid, the operator may cancel the booking by the"
                " cancellation policy."
            ),
        ),
        (
            _("If you cancel or change"),
            _(
                "What comes back depends on the day, by the cancellation policy of the trip as it"
                " was when you booked. The days are counted where the trip begins. Before you"
                " confirm, the page shows the exact amount; that is what goes back, to the card"
                " you paid with."
            ),
        ),
        (
            _("If the trip does not take place"),
            _("If the operator cancels, everything you paid goes back to you."),
        ),
        (
            _("Names and documents"),
            _(
                "Give names as they stand in the passports, and dates of birth where the operator"
                " asks for them. Passports, visas and vaccinations are yours to arrange."
            ),
        ),
        (
            _("What the operator learns"),
            _(
                "The operator of your trip, and the agency if one booked for you, see the names of"
                " the travellers and how to reach you. Card numbers stay with Stripe; neither we"
                " nor the operator see them."
            ),
        ),
        (
            _("When something is not right"),
            _(
                "Write to the operator from your trip's page, at once and while you are there. Our"
                " people can read that conversation and help to settle it. Your rights by law stay"
                " untouched by these terms."
            ),
        ),
    )
