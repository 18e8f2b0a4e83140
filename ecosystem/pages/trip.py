"""A booked trip: its state in words, what is paid and due, where it goes."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.changing import changing
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.feedback import bone, error_state, skeleton_text
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.reviews import review_form
from ecosystem.pages.components.surfaces import badge, breadcrumbs, heading
from ecosystem.pages.components.trips import (
    drawn,
    local_time,
    payment_rows,
    policy_rows,
    price_note,
    price_rows,
    stay_rows,
)
from ecosystem.pages.components.values import Child, sentence, when
from ecosystem.pages.conversation import conversation
from ecosystem.pages.layout import public_page, two_columns
from ecosystem.pages.money_told import money_told
from ecosystem.pages.travellers import travellers
from ecosystem.state.trip import TripState

S: Any = TripState  # whose fields are Vars when a page is drawn
V = S.view
REFRESH_SECONDS = 5
"""How often the page looks while a refund is being sent."""


def page() -> rx.Component:
    """Draw the trip."""
    return public_page(
        rx.match(
            S.phase,
            ("missing", _missing()),
            ("failed", _failed()),
            ("shown", _shown()),
            _coming(),
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("There is no booking here"), class_name="font-serif text-h2 md:text-h1"),
        rx.el.p(
            _(
                "The reference may be mistyped, or the booking belongs to an account. Sign in, or "
                "open the link in the e-mail."
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(
            link_button(_("My bookings"), href="/trips", kind="primary"),
            link_button(_("Sign in"), href="/sign-in?next=/trips"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Booking"), class_name="sr-only"),
        error_state(
            _("This booking could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
        ),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-4 w-40"),
        bone("mt-3 h-11 w-4/5 max-w-[560px]"),
        bone("mt-6 h-[84px] w-full !rounded-lg"),
        two_columns(
            rx.el.div(bone("mt-9 mb-4 h-8 w-48"), skeleton_text(6)),
            bone("mt-9 h-[420px] w-full !rounded-lg"),
            sticky=False,
        ),
        custom_attrs={"aria-busy": "true"},
    )


def _shown() -> rx.Component:
    return rx.fragment(
        breadcrumbs((rx.cond(S.at_desk, _("Bookings"), _("My bookings")), S.list_href)),
        rx.el.h1(
            V.title,
            class_name="mt-1.5 font-serif text-h2 tracking-[-0.01em] break-words md:text-h1",
        ),
        rx.el.p(V.when, " · ", V.party, class_name="mt-1 text-lg text-soft"),
        _status(),
        when(V.sending, refreshed(S.again, REFRESH_SECONDS)),
        review_form(),
        rx.el.div(two_columns(_where(), _money(), sticky=False), class_name="mt-9"),
    )


def _status() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Status"), class_name="sr-only"),
        rx.el.div(
            rx.el.div(
                badge(V.status, V.tone),
                rx.el.span(V.reference, class_name="font-strong tabular-nums"),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            rx.el.p(
                rx.cond(
                    S.watching,
                    _("Waiting for word of your payment. This page follows it by itself."),
                    rx.cond(
                        S.gave_up,
                        _(
                            "The payment is taking longer than usual. You need not pay again: the "
                            "confirmation comes by e-mail, and this page shows it when you load it "
                            "anew."
                        ),
                        V.sentence,
                    ),
                ),
                class_name="mt-1.5 max-w-[64ch]",
            ),
            when(
                V.held != "",
                rx.el.p(
                    sentence(
                        _("The seats are kept until {time}."), time=local_time(V.held, V.held_utc)
                    ),
                    class_name="text-soft",
                ),
            ),
            class_name="min-w-0 flex-[1_1_18rem]",
            role="status",
        ),
        rx.cond(
            S.watching,
            rx.el.span(class_name="spinner text-brand", custom_attrs={"aria-hidden": "true"}),
            when(V.pay_href != "", link_button(V.pay_label, href=V.pay_href, kind="primary")),
        ),
        class_name="mt-6 flex flex-wrap items-center justify-between gap-4 rounded-lg border "
        "border-line bg-card px-5 py-4",
    )


def _where() -> rx.Component:
    return rx.el.div(
        when(V.masked, _masked()),
        when(
            S.map_svg != "",
            drawn(
                S.map_svg,
                "mb-9 h-[340px] max-w-[720px] rounded-lg border border-line bg-sea md:h-[410px]",
            ),
        ),
        heading(_("City by city"), "mb-4"),
        stay_rows(V.stays),
        when(
            V.policy.length() > 0,
            rx.el.section(
                heading(_("If plans change"), "mb-4"), policy_rows(V.policy), class_name="mt-10"
            ),
        ),
    )


def _masked() -> rx.Component:
    return rx.el.p(
        _(
            "You see this trip by its reference alone, so names and addresses are left out. The link "
            "in the e-mail shows everything."
        ),
        class_name="mb-6 rounded-md bg-sunk px-4 py-3 text-soft",
    )


def _money() -> rx.Component:
    return rx.el.div(
        rx.cond(V.billed != "", _card(_("Price"), rx.el.p(V.billed)), _amounts()),
        when(V.calendar != "", _card(_("Documents"), _documents())),
        rx.cond(V.masked, rx.fragment(), changing()),
        rx.cond(
            V.masked,
            rx.fragment(),
            _card(_("Booked by"), rx.el.p(V.lead), rx.el.p(V.reach, class_name="text-soft")),
        ),
        rx.cond(V.masked, rx.fragment(), travellers()),
        rx.cond(V.masked, rx.fragment(), conversation()),
        _card(
            _("Operator"),
            rx.el.p(link(V.operator, href=V.operator_href)),
            when(
                V.agency != "",
                rx.el.p(
                    _("Booked by {agency}").format(agency=V.agency), class_name="mt-1 text-soft"
                ),
            ),
            rx.el.p(
                link(_("The trip as it is offered now"), href=V.package_href),
                class_name="mt-1 text-md text-soft",
            ),
        ),
        class_name="grid gap-4",
    )


def _amounts() -> rx.Component:
    return rx.fragment(
        _card(
            _("Price"),
            price_rows(
                V.lines,
                V.total,
                price_note(_("Paid"), V.paid),
                price_note(_("Kept"), V.kept),
                price_note(_("Still due"), V.due),
            ),
            rx.cond(V.masked, rx.fragment(), money_told("mt-2")),
        ),
        _card(_("Payments"), payment_rows(V.payments)),
    )


def _card(title: str, *content: Child) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="mb-2 font-strong"),
        *content,
        class_name="min-w-0 rounded-lg border border-line bg-card p-5",
    )


def _documents() -> rx.Component:
    def document(label: str, href: Any) -> rx.Component:
        return when(href != "", rx.el.li(link(label, href=href)))

    return rx.el.ul(
        document(_("Voucher (PDF)"), V.voucher),
        document(_("Invoice (PDF)"), V.invoice),
        document(_("Calendar file"), V.calendar),
        class_name="grid gap-1.5",
    )
