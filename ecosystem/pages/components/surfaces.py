"""Cards, badges and headings: what holds and names content."""

from typing import Any, Literal

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor
from ecosystem.pages.components.values import Child, Text, filled, when

Tone = Literal["plain", "brand", "good", "warn", "bad"]

TONES: dict[str, str] = {
    "plain": "bg-sunk text-soft",
    "brand": "bg-brand-soft text-brand",
    "good": "bg-good-soft text-good",
    "warn": "bg-warn-soft text-warn",
    "bad": "bg-bad-soft text-bad",
}
BADGE = (
    "inline-block whitespace-nowrap rounded-full px-2 text-xs leading-[22px] font-strong "
    "tabular-nums first-letter:uppercase"
)


def badge(text: Text, tone: Tone | rx.Var[Any] = "plain", extra: str = "") -> rx.Component:
    """Draw a state in a word or two: amber is soon, red wrong, green done."""
    if isinstance(tone, rx.Var):
        look: Any = rx.match(tone, *((name, look) for name, look in TONES.items()), TONES["plain"])
    else:
        look = TONES[tone]
    return rx.el.span(text, class_name=[BADGE, look, extra])


def card(*children: Child, extra: str = "", padded: bool = True, **props: Any) -> rx.Component:
    """Draw a bordered box; ``padded=False`` for tables and lists, whose lines reach its edges."""
    pad = "p-5" if padded else "overflow-clip"
    return rx.el.div(
        *children,
        class_name=f"min-w-0 rounded-lg border border-line bg-card {pad} {extra}",
        **props,
    )


def section_card(
    title: Text, *children: Child, aside: Child = "", note: Text = "", extra: str = ""
) -> rx.Component:
    """Draw a card with a heading line; ``aside`` stands at its end, ``note`` beside the title."""
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(title, class_name="text-base font-strong"),
                when(filled(note), rx.el.p(note, class_name="text-sm text-soft")),
                class_name="min-w-0",
            ),
            rx.el.div(aside, class_name="flex flex-wrap items-center gap-2 empty:hidden"),
            class_name="flex min-h-[52px] flex-wrap items-center justify-between gap-x-4 gap-y-2 "
            "border-b border-line px-5 py-2.5",
        ),
        *children,
        class_name=f"min-w-0 overflow-clip rounded-lg border border-line bg-card {extra}",
    )


def breadcrumbs(*steps: tuple[Text, Text]) -> rx.Component:
    """Draw the way back: ``(label, address)`` of each page above this one."""
    return rx.el.nav(
        rx.el.ol(
            *(
                rx.el.li(
                    anchor(label, href=href, class_name="hover:text-ink"),
                    class_name="before:mx-1.5 before:content-['/'] first:before:hidden",
                )
                for label, href in steps
            ),
            class_name="flex flex-wrap text-md text-soft",
        ),
        custom_attrs={"aria-label": _("Breadcrumbs")},
    )


def page_header(
    title: Text, *actions: Child, above: Child = "", below: Child = "", big: bool = False
) -> rx.Component:
    """Draw a page's one ``h1`` with its actions.

    Args:
        title: the heading.
        actions: buttons, at most one of them primary.
        above: a line over it: breadcrumbs, a date.
        below: a sentence under it.
        big: the larger size of pages where people choose a trip.
    """
    size = "text-h2 md:text-h1" if big else "text-[32px] leading-[1.15] md:text-h2"
    return rx.el.header(
        rx.el.div(
            rx.el.div(above, class_name="text-md text-soft empty:hidden"),
            rx.el.h1(title, class_name=f"font-serif tracking-[-0.01em] break-words {size}"),
            rx.el.div(below, class_name="mt-1.5 max-w-[64ch] text-soft empty:hidden"),
            class_name="min-w-0",
        ),
        rx.el.div(*actions, class_name="flex flex-wrap items-center gap-3 empty:hidden"),
        class_name="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3",
    )


def heading(text: Text, extra: str = "") -> rx.Component:
    """Draw the serif heading of a section (``h2``) on pages where people choose a trip."""
    return rx.el.h2(text, class_name=f"font-serif text-h3 tracking-[-0.01em] {extra}")
