"""The list of one's bookings, and the way to one by its reference."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.held_seats import held_seats
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, two_lines
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page
from ecosystem.state.trips import TripsState

S: Any = TripsState  # whose fields are Vars when a page is drawn


def page() -> rx.Component:
    """Draw the list."""
    return public_page(
        page_header(_("My bookings"), big=True),
        _list(),
        _find(),
        held_seats(),
    )


def _list() -> rx.Component:
    return section_card(
        _("Booked trips"),
        rx.cond(
            S.ready,
            rx.cond(
                S.problem != "",
                error_state(
                    _("Your bookings could not be loaded"),
                    S.problem,
                    button(_("Try again"), on_click=S.open),
                ),
                rx.fragment(_table(), when(S.following != "", _older())),
            ),
            skeleton_rows(4),
        ),
        note=rx.cond(
            S.ready & ~S.signed_in, _("Made in this browser. Sign in to see your account's."), ""
        ),
    )


def _table() -> rx.Component:
    return data_table(
        S.rows,
        (
            Column(_("Trip"), lambda row: two_lines(row.title, row.party), phone="lead"),
            Column(_("Reference"), lambda row: row.reference, whole=True),
            Column(_("When"), lambda row: row.when, phone="under"),
            Column(
                _("Status"),
                lambda row: badge(row.status, row.tone),
                phone="under-end",
                whole=True,
            ),
            Column(_("Total"), lambda row: two_lines(row.total, row.due), align="end", phone="end"),
        ),
        caption=_("Bookings, newest first"),
        row_href=lambda row: row.href,
        empty=rx.cond(
            S.signed_in,
            empty_state(
                _("Nothing booked yet"),
                _("What you book appears here at once."),
                link_button(_("Find a trip"), href="/search", kind="primary"),
            ),
            empty_state(
                _("Nothing booked in this browser"),
                _(
                    "Booked elsewhere? Open the link in the e-mail, sign in, or enter the reference."
                ),
                link_button(_("Find a trip"), href="/search", kind="primary"),
                link_button(_("Sign in"), href="/sign-in?next=/trips"),
            ),
        ),
    )


def _older() -> rx.Component:
    return rx.el.div(
        link_button(_("Older bookings"), href=S.following, size="sm"),
        class_name="flex justify-end border-t border-line px-5 py-3",
    )


def _find() -> rx.Component:
    return card(
        rx.el.h2(_("Find a booking"), class_name="font-strong"),
        rx.el.form(
            field(
                _("Reference"),
                "reference",
                placeholder="TRV-7K3Q9XHM",
                auto_complete="off",
                error=S.reference_error,
            ),
            button(_("Open booking"), type="submit"),
            on_submit=S.find,
            no_validate=True,
            class_name="mt-4 grid max-w-[360px] gap-4",
        ),
        extra="mt-6",
    )
