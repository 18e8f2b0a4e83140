"""``/compare?ids=slug,slug``: up to four trips side by side."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, button, link, link_button
from ecosystem.pages.components.feedback import bone, empty_state, error_state
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.saving import save_button
from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.components.trips import rate_note
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page
from ecosystem.state.compare import MOST, CompareState

S: Any = CompareState

STICKY = "sticky start-0 z-10 bg-paper"
HEAD = f"{STICKY} w-[104px] min-w-[104px] md:w-[148px] md:min-w-[148px] py-3.5 pe-3"
CELL = "w-[210px] min-w-[210px] lg:w-[247px] lg:min-w-[247px] py-3.5 pe-5 align-top break-words"


def page() -> rx.Component:
    """Draw the page."""
    return public_page(
        page_header(
            _("Compare trips"),
            big=True,
            below=_("Up to {count} side by side. The address of this page can be shared.").format(
                count=MOST
            ),
        ),
        rx.el.div(
            rx.el.p(
                S.note,
                class_name="mb-5 rounded-md bg-warn-soft px-4 py-2.5 text-md text-warn "
                "empty:hidden",
                role="status",
            ),
            rx.match(
                S.phase,
                ("loading", _coming()),
                (
                    "failed",
                    error_state(
                        _("The trips could not be loaded"),
                        S.problem,
                        button(_("Try again"), on_click=S.open),
                    ),
                ),
                ("empty", _empty()),
                _shown(),
            ),
            custom_attrs={"aria-busy": rx.cond(S.phase == "loading", "true", "false")},
        ),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        *(
            rx.el.div(
                bone("aspect-8/5 w-full !rounded-md"), bone("mt-4 h-5 w-4/5"), bone("mt-3 h-64")
            )
            for _number in range(2)
        ),
        class_name="grid grid-cols-2 gap-5 ps-[104px] md:ps-[148px] lg:grid-cols-4",
    )


def _empty() -> rx.Component:
    return rx.fragment(
        empty_state(
            _("Nothing to compare yet"),
            _("Pick trips with the comparison button on their pictures, then come back."),
            link_button(_("Find a trip"), href="/search", kind="primary"),
        ),
        _suggestions(),
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.table(
                rx.el.caption(_("Trips side by side"), class_name="sr-only"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th(
                            rx.el.span(_("Fact"), class_name="sr-only"),
                            class_name=HEAD,
                            scope="col",
                        ),
                        rx.foreach(S.trips, _top),
                    )
                ),
                rx.el.tbody(
                    _row(_("Price from"), _price),
                    _row(_("Rating"), lambda trip: _text(trip.rating, _("No reviews yet"))),
                    _row(_("Nights"), lambda trip: trip.nights),
                    _row(_("Cities"), lambda trip: _lines(trip.cities)),
                    _row(_("Hotels"), lambda trip: _text(trip.hotels, _("Not said"))),
                    _row(_("Board"), lambda trip: trip.board),
                    _row(
                        _("Next departures"),
                        lambda trip: _lines(trip.departures, _("None at the moment")),
                    ),
                    _row(
                        _("If plans change"),
                        lambda trip: _lines(trip.cancellation, _("Depends on the date")),
                    ),
                    _row(_("Included"), lambda trip: _lines(trip.included)),
                    _row(_("Not included"), lambda trip: _lines(trip.excluded, _("Nothing named"))),
                    _row(_("Operator"), lambda trip: link(trip.operator, href=trip.operator_href)),
                ),
                class_name="border-collapse text-md",
            ),
            class_name="relative -mx-4 overflow-x-auto px-4 md:mx-0 md:px-0",
            role="region",
            tab_index=0,
            custom_attrs={"aria-label": _("Trips side by side")},
        ),
        rate_note(S.rate_note),
        when(
            S.room,
            rx.el.div(
                link_button(_("Find another trip"), href="/search"),
                class_name="mt-8 flex flex-wrap gap-3",
            ),
        ),
        _suggestions(),
    )


def _top(trip: Any) -> rx.Component:
    return rx.el.th(
        rx.el.div(
            rx.el.img(
                src=trip.cover,
                alt="",
                width="800",
                height="500",
                class_name="aspect-8/5 w-full rounded-md bg-sunk object-cover",
            ),
            rx.el.div(save_button(trip.key), class_name="absolute end-2 top-2"),
            class_name="relative",
        ),
        anchor(
            trip.title,
            href=trip.href,
            class_name="mt-3 block font-serif text-[20px] leading-[1.2] font-normal break-words "
            "hover:underline decoration-edge underline-offset-3",
        ),
        rx.el.button(
            mark("close", 14),
            _("Take out"),
            rx.el.span(trip.title, class_name="sr-only"),
            type="button",
            on_click=S.remove(trip.slug),
            class_name="mt-1.5 inline-flex h-8 items-center gap-1 text-sm font-normal text-soft "
            "hover:text-ink",
        ),
        scope="col",
        key=trip.slug,
        class_name=f"{CELL} text-start",
    )


def _row(label: str, cell: Callable[[Any], Any]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            label,
            scope="row",
            class_name=f"{HEAD} text-start align-top text-sm font-normal text-soft",
        ),
        rx.foreach(S.trips, lambda trip: rx.el.td(cell(trip), class_name=CELL)),
        class_name="border-t border-line",
    )


def _price(trip: Any) -> rx.Component:
    return rx.el.span(trip.price, class_name="font-semibold tabular-nums")


def _text(text: Any, otherwise: str) -> rx.Component:
    return rx.cond(text != "", text, rx.el.span(otherwise, class_name="text-soft"))


def _lines(lines: Any, otherwise: str = "") -> rx.Component:
    return rx.cond(
        lines.length() > 0,
        rx.el.ul(rx.foreach(lines, lambda line: rx.el.li(line)), class_name="grid gap-1"),
        rx.el.span(otherwise, class_name="text-soft"),
    )


def _suggestions() -> rx.Component:
    return when(
        S.suggestions.length() > 0,
        rx.el.section(
            rx.el.h2(_("Add one you saved"), class_name="font-strong"),
            rx.el.ul(
                rx.foreach(
                    S.suggestions,
                    lambda one: rx.el.li(
                        link_button(
                            one.label,
                            href=one.href,
                            size="sm",
                            extra="!h-auto min-h-8 max-w-full py-1 !whitespace-normal",
                        ),
                        class_name="min-w-0",
                    ),
                ),
                class_name="mt-3 flex flex-wrap gap-2",
            ),
            class_name="mt-8",
        ),
    )
