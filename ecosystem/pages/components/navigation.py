"""Ways around: the bar above public pages, the side bar of work pages, the account menu."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex_base.components.component import field as prop
from reflex_base.vars.base import Var
from reflex_components_core.el.elements.base import BaseHTML

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, icon_button, link_button
from ecosystem.pages.components.dialogs import drawer
from ecosystem.pages.components.forms import native_form
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.reader import reader_form, reader_switch
from ecosystem.pages.components.values import Child, Flag, Text, filled, when

NAME = "Ecosystem"
MENU = "navigation"
MENU_LINE = (
    "flex min-h-9 w-full items-center rounded-sm px-3 py-1.5 text-start text-md text-ink "
    "hover:bg-sunk"
)


@dataclass(frozen=True)
class Place:
    """One line of a navigation: its words, its address, how much waits there (a Var),
    whether this reader has it at all (a Var), and the letter that goes there after ``g``."""

    label: str
    href: str
    count: Text = ""
    shown: Flag = True
    key: str = ""


def public_places() -> tuple[Place, ...]:
    """Where everybody can go."""
    return (Place(_("Trips"), "/search"), Place(_("My bookings"), "/trips"))


class InPage(BaseHTML):
    """A link that the browser itself follows: to a place in the page, focus included, or anew.

    Reflex's links are the router's: it would turn ``#content`` into an address.
    """

    tag = "a"

    href: Var[str] = prop(doc="The id to go to, with its #; empty loads the page anew.")


def skip_link() -> rx.Component:
    """Draw the first thing the Tab key reaches: the way past the navigation."""
    return InPage.create(
        _("Skip to content"),
        href="#content",
        class_name="fixed start-4 top-3 z-50 -translate-y-20 rounded-md bg-ink px-4 py-2 text-md "
        "text-paper focus:translate-y-0",
    )


def wordmark(extra: str = "") -> rx.Component:
    """Draw the product's name, which leads home."""
    return anchor(NAME, href="/", class_name=f"font-serif text-[24px] leading-none {extra}")


def theme_toggle() -> rx.Component:
    """Draw the switch between light and dark; the choice stays in this browser."""
    return rx.el.button(
        mark("moon", 18, "dark:hidden"),
        mark("sun", 18, "hidden dark:block"),
        type="button",
        title=_("Light or dark"),
        on_click=rx.toggle_color_mode,
        class_name="inline-flex size-10 shrink-0 items-center justify-center rounded-md text-soft "
        "transition-colors hover:bg-sunk hover:text-ink",
        custom_attrs={"aria-label": _("Light or dark")},
    )


def menu(label: Child, *lines: Child, name: str, extra: str = "") -> rx.Component:
    """Draw a button that drops a list of links; Escape or a press elsewhere closes it."""
    return rx.el.details(
        rx.el.summary(
            label,
            class_name="flex h-10 items-center gap-2 rounded-md px-3 text-md font-strong "
            "hover:bg-sunk",
            custom_attrs={"aria-label": name},
        ),
        rx.el.div(
            *lines,
            class_name="absolute end-0 top-full z-40 mt-1 w-60 rounded-md border border-line "
            "bg-card p-1 shadow-float",
        ),
        class_name=f"relative {extra}",
        custom_attrs={"data-menu": ""},
    )


def menu_link(label: Text, href: Text) -> rx.Component:
    """Draw one line of a ``menu``."""
    return anchor(label, href=href, class_name=MENU_LINE)


def account_menu(name: Text, detail: Text, places: Sequence[Place]) -> rx.Component:
    """Draw what a signed-in person can go to, and the way out.

    Args:
        name: the person's name.
        detail: where they belong, or their address.
        places: where they can go.
    """
    return menu(
        rx.fragment(
            mark("person"),
            rx.el.span(name, class_name="hidden max-w-40 truncate sm:inline"),
            mark("down", 14),
        ),
        rx.el.div(
            rx.el.p(name, class_name="truncate font-strong"),
            rx.el.p(detail, class_name="truncate text-sm text-soft"),
            class_name="mb-1 border-b border-line px-3 py-2",
        ),
        *(menu_link(place.label, place.href) for place in places),
        native_form(
            rx.el.button(_("Sign out"), type="submit", class_name=MENU_LINE),
            action="/api/auth/sign-out",
        ),
        name=_("Your account"),
    )


def sign_in_link() -> rx.Component:
    """Draw the way in for those who are not."""
    return link_button(_("Sign in"), href="/sign-in", size="sm")


def top_bar(account: Child) -> rx.Component:
    """Draw the bar above public pages; on a phone its places are in a drawer.

    ``account`` is an ``account_menu`` or ``sign_in_link``, or a condition of both.
    """
    lines = public_places()
    return rx.el.header(
        rx.el.div(
            icon_button(
                "menu",
                _("Menu"),
                extra="-ms-2 md:hidden",
                custom_attrs={"data-open": MENU, "aria-haspopup": "dialog"},
            ),
            wordmark(),
            rx.el.nav(
                *(
                    anchor(place.label, href=place.href, class_name="hover:text-ink")
                    for place in lines
                ),
                class_name="ms-2 hidden gap-5 text-md text-soft md:flex",
                custom_attrs={"aria-label": _("Main")},
            ),
            rx.el.div(class_name="flex-1"),
            reader_switch(_("Language and currency")),
            theme_toggle(),
            account,
            class_name="flex h-16 items-center gap-1 px-4 sm:gap-3 md:gap-4 md:px-8",
        ),
        drawer(
            NAME,
            rx.el.nav(
                *(side_link(place, "") for place in lines),
                class_name="-mx-2 grid gap-0.5",
                custom_attrs={"aria-label": _("Menu")},
            ),
            reader_form("menu", "mt-8 border-t border-line pt-5"),
            dialog_id=MENU,
        ),
        class_name="border-b border-line bg-paper",
    )


def side_bar(
    places: Sequence[Place],
    current: str,
    foot: Child = "",
    tools: Callable[[], Child] = rx.fragment,
) -> rx.Component:
    """Draw the navigation of work pages: a side bar, and on a phone a bar with a drawer.

    Args:
        places: the lines, with how much waits in each.
        current: the address of the page one is on.
        foot: who one is and for whom: "Maple Travel · agent".
        tools: what draws the buttons below the lines.
    """

    def lines() -> list[rx.Component]:
        return [side_link(place, current) for place in places]

    return rx.fragment(
        rx.el.aside(
            wordmark("px-3 pb-4 pt-1"),
            rx.el.nav(*lines(), class_name="grid gap-0.5", custom_attrs={"aria-label": _("Main")}),
            rx.el.div(class_name="min-h-4 flex-1"),
            rx.el.div(tools(), class_name="mb-3 grid gap-0.5"),
            rx.el.div(
                rx.el.div(foot, class_name="min-w-0 flex-1 truncate text-xs text-soft"),
                theme_toggle(),
                class_name="flex items-end gap-1 ps-3",
            ),
            class_name="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col overflow-y-auto border-e "
            "border-line bg-sunk px-3 pt-5 pb-3 lg:flex",
        ),
        rx.el.header(
            icon_button(
                "menu",
                _("Menu"),
                extra="-ms-2",
                custom_attrs={"data-open": MENU, "aria-haspopup": "dialog"},
            ),
            wordmark(),
            class_name="sticky top-0 z-20 flex h-14 items-center gap-2 border-b border-line "
            "bg-paper px-4 lg:hidden",
        ),
        drawer(
            NAME,
            rx.el.nav(
                *lines(),
                class_name="-mx-2 grid gap-0.5",
                custom_attrs={"aria-label": _("Menu")},
            ),
            rx.el.div(tools(), class_name="-mx-2 mt-5 grid gap-0.5"),
            rx.el.div(
                rx.el.div(foot, class_name="min-w-0 flex-1 truncate text-sm text-soft"),
                theme_toggle(),
                class_name="mt-6 flex items-end",
            ),
            dialog_id=MENU,
        ),
    )


def side_link(place: Place, current: str) -> rx.Component:
    """Draw one line of a side bar or drawer."""
    here = place.href == current
    look = (
        "border-line bg-card text-ink font-strong"
        if here
        else "border-transparent text-soft hover:text-ink"
    )
    custom: dict[str, Any] = {"aria-current": "page"} if here else {}
    if place.key:
        custom["data-go"] = place.key
    line = anchor(
        rx.el.span(place.label),
        when(
            filled(place.count),
            rx.el.span(place.count, class_name="tabular-nums"),
        ),
        href=place.href,
        class_name="flex h-9 items-center justify-between rounded-sm border px-3 text-md "
        f"transition-colors {look}",
        custom_attrs=custom,
    )
    return line if place.shown is True else rx.cond(place.shown, line)


def footer(width: str = "max-w-[1200px]") -> rx.Component:
    """Draw the foot of public pages, as wide as their content."""
    places = (
        *public_places(),
        Place(_("For agents"), "/agent"),
        Place(_("For operators"), "/provider"),
        Place(_("Terms"), "/terms"),
    )
    return rx.el.footer(
        rx.el.div(
            wordmark("text-ink"),
            rx.el.nav(
                *(anchor(p.label, href=p.href, class_name="hover:text-ink") for p in places),
                class_name="flex flex-wrap gap-x-5 gap-y-2",
                custom_attrs={"aria-label": _("Footer")},
            ),
            reader_form(
                "foot", "w-full items-end sm:grid-cols-[10rem_minmax(0,16rem)_max-content]"
            ),
            class_name=f"mx-auto flex {width} flex-wrap items-center justify-between gap-4 "
            "px-4 py-8 text-md text-soft md:px-8",
        ),
        class_name="mt-16 border-t border-line",
    )
