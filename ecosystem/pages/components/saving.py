"""Keeping a trip: the heart and the comparison on cards and pages, and their places in the bar."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, button
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.values import Flag, Text, either, when
from ecosystem.state.compare import CompareState
from ecosystem.state.saved import SavedState

SAVED: Any = SavedState
COMPARED: Any = CompareState

ROUND = "inline-flex size-9 shrink-0 items-center justify-center rounded-full transition-colors"
OFF = "bg-label text-label-ink hover:bg-card hover:text-ink"
ON = "bg-label-ink text-label [&_svg]:fill-current"
PLACE = (
    "inline-flex h-10 items-center gap-1 rounded-md px-1.5 text-md text-soft transition-colors sm:px-2 "
    "hover:bg-sunk hover:text-ink"
)


def is_saved(package_id: Text) -> Flag:
    """Whether the reader saved this package."""
    return SAVED.ids.contains(package_id)


def save_button(package_id: Text) -> rx.Component:
    """Draw the round heart that saves a trip, or forgets it again."""
    return _round("heart", is_saved(package_id), _("Save this trip"), SAVED.toggle(package_id))


def compare_button(slug: Text) -> rx.Component:
    """Draw the round button that picks a trip for the comparison, or puts it back."""
    return _round(
        "compare",
        COMPARED.slugs.contains(slug),
        _("Compare this trip"),
        COMPARED.toggle(slug),
    )


def card_tools(trip: Any) -> rx.Component:
    """Draw both over the picture of a card; ``trip`` is a Var of ``TripCard``.

    They stand beside the card's link, not in it: a button in a link can't be reached by keyboard.
    """
    return rx.el.div(
        compare_button(trip.slug),
        save_button(trip.key),
        class_name="absolute end-3 top-3 flex gap-2",
    )


def keep_tools(package_id: Text, slug: Text) -> rx.Component:
    """Draw both with words, for a trip's own page."""
    saved, picked = is_saved(package_id), COMPARED.slugs.contains(slug)
    return rx.el.div(
        button(
            mark("heart", 18, either(saved, "fill-current text-brand")),
            _("Save"),
            on_click=SAVED.toggle(package_id),
            custom_attrs={"aria-pressed": either(saved, "true", "false")},
        ),
        button(
            mark("compare", 18, either(picked, "text-brand")),
            _("Compare"),
            on_click=COMPARED.toggle(slug),
            custom_attrs={"aria-pressed": either(picked, "true", "false")},
        ),
        class_name="flex flex-wrap gap-2",
    )


def kept_links() -> rx.Component:
    """Draw the way to saved trips and to the comparison, with how many there are.

    It also learns what is saved, for every heart on the page.
    """
    return rx.el.div(
        when(
            COMPARED.slugs.length() > 0,
            _place("compare", COMPARED.href, _("Trips to compare"), COMPARED.slugs.length()),
        ),
        _place("heart", "/saved", _("Saved trips"), SAVED.ids.length()),
        on_mount=SAVED.load,
        class_name="flex items-center",
    )


def _round(name: Any, on: Any, label: str, act: Any) -> rx.Component:
    return rx.el.button(
        mark(name),
        type="button",
        on_click=act,
        title=label,
        class_name=[ROUND, either(on, ON, OFF)],
        custom_attrs={
            "aria-label": label,
            "aria-pressed": either(on, "true", "false"),
        },
    )


def _place(name: Any, href: Text, label: str, count: Any) -> rx.Component:
    return anchor(
        mark(name),
        rx.el.span(label, class_name="sr-only"),
        rx.el.span(
            rx.cond(count > 0, count.to_string(), ""),
            class_name="text-xs font-strong tabular-nums empty:hidden",
            custom_attrs={"aria-live": "polite"},
        ),
        href=href,
        title=label,
        class_name=PLACE,
    )
