"""The trips a reader looked at last, as a row."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.surfaces import heading
from ecosystem.pages.components.trips import trip_card
from ecosystem.pages.components.values import when
from ecosystem.state.saved import SeenState

S: Any = SeenState


def recently_seen(extra: str = "mt-12") -> rx.Component:
    """Draw the row; nothing for a reader who has not looked at any trip.

    It loads itself when it is put on a page, and scrolls sideways when it is longer than that.
    """
    return rx.el.div(
        when(
            S.trips.length() > 0,
            rx.el.section(
                heading(_("Seen lately"), "mb-4"),
                rx.el.ul(
                    rx.foreach(S.trips, trip_card),
                    class_name="-mx-4 grid auto-cols-[minmax(220px,74%)] grid-flow-col gap-5 "
                    "overflow-x-auto px-4 pb-3 sm:auto-cols-[280px] md:mx-0 md:px-0",
                    tab_index=0,
                    custom_attrs={"aria-label": _("Seen lately")},
                ),
                class_name=extra,
            ),
        ),
        on_mount=S.open,
    )
