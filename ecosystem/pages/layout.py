"""The frames pages stand in: public pages under a bar, work pages beside a side bar."""

from dataclasses import replace
from typing import Any, Literal

import reflex as rx

from ecosystem.domain.language import ENGLISH, _, language
from ecosystem.pages.components.navigation import (
    Place,
    account_menu,
    footer,
    side_bar,
    sign_in_link,
    skip_link,
    top_bar,
)
from ecosystem.pages.components.saving import kept_links
from ecosystem.pages.components.values import Child, Text
from ecosystem.pages.desk_keys import desk_tools, keys_help, palette
from ecosystem.state.session import SessionState

AGENT_PLACES = (
    Place("Today", "/agent", key="t"),
    Place("Search trips", "/agent/search", key="s"),
    Place("Clients", "/agent/clients", key="c"),
    Place("Proposals", "/agent/quotes", key="p"),
    Place("Bookings", "/agent/bookings", key="b"),
    Place("Commissions", "/agent/commissions", shown=SessionState.sees_commission, key="m"),
    Place("Contracts", "/agent/contracts", shown=SessionState.sees_commission, key="o"),
    Place("Documents", "/agent/documents", key="d"),
    Place("Reports", "/agent/reports", key="r"),
    Place("Team", "/agent/team", key="e"),
    Place("Agency", "/agent/profile", key="a"),
)
PROVIDER_PLACES = (
    Place("Overview", "/provider", key="o"),
    Place("Packages", "/provider/packages", key="p"),
    Place("Departures", "/provider/departures", key="d"),
    Place("Bookings", "/provider/bookings", key="b"),
    Place("Agencies", "/provider/agencies", key="a"),
    Place("Reviews", "/provider/reviews", key="r"),
    Place("Payouts", "/provider/payouts", key="m"),
    Place("Team", "/provider/team", key="e"),
    Place("Profile", "/provider/profile", key="f"),
)
OPS_PLACES = (
    Place("Health", "/ops", key="h"),
    Place("Migration", "/ops/migration", key="t"),
    Place("Bookings", "/ops/bookings", key="b"),
    Place("Payments", "/ops/payments", key="p"),
    Place("Adjustments", "/ops/adjustments", key="j"),
    Place("Messages", "/ops/events", key="m"),
    Place("Audit log", "/ops/audit", key="l"),
    Place("Operators", "/ops/operators", key="o"),
    Place("Agencies", "/ops/agencies", key="a"),
)
AREAS: dict[str, tuple[Place, ...]] = {
    "agent": AGENT_PLACES,
    "provider": PROVIDER_PLACES,
    "ops": OPS_PLACES,
}

Area = Literal["agent", "provider", "ops"]

WIDTHS = {
    "wide": "max-w-[1200px]",
    "form": "max-w-[1060px]",
    "text": "max-w-[720px]",
    "narrow": "max-w-[440px]",
}


def public_page(
    *children: Child,
    width: Literal["wide", "form", "text", "narrow"] = "wide",
) -> rx.Component:
    """Frame a page everyone may see.

    Args:
        children: the content, with the page's one ``h1``.
        width: how wide the content may be: ``wide`` lists, ``form`` two columns, ``text``,
            ``narrow`` one short form.
    """
    return rx.el.div(
        skip_link(),
        top_bar(rx.fragment(kept_links(), who_is_here())),
        rx.el.main(
            *children,
            id="content",
            tab_index=-1,
            class_name=f"mx-auto w-full flex-1 px-4 py-8 outline-none md:px-8 md:py-11 "
            f"{WIDTHS[width]}",
        ),
        footer(WIDTHS["form"] if width == "form" else WIDTHS["wide"]),
        class_name="flex min-h-dvh flex-col",
        lang=language().code,
    )


def who_is_here() -> rx.Component:
    """Draw the menu of whoever is signed in, else the way in."""
    session: Any = SessionState
    start = rx.cond(session.role == "customer", _("My bookings"), _("My desk"))
    places = (Place(start, session.home), Place(_("Account"), "/account"))
    return rx.cond(
        session.signed_in, account_menu(session.name, session.email, places), sign_in_link()
    )


def work_page(
    *children: Child,
    area: Area,
    current: str,
    foot: Child = "",
    counts: dict[str, Text] | None = None,
) -> rx.Component:
    """Frame a page where agents, providers or ops work.

    Args:
        children: the content, beginning with a ``page_header``.
        area: whose navigation.
        current: the address, as in the navigation, that this page belongs to.
        foot: who one is and for whom.
        counts: how much waits, by address: ``{"/agent": TodayState.waiting}``.
    """
    waiting = counts or {}
    lines = [replace(place, count=waiting.get(place.href, "")) for place in AREAS[area]]
    return rx.el.div(
        skip_link(),
        side_bar(lines, current, foot, lambda: desk_tools(area)),
        rx.el.main(
            *children,
            id="content",
            tab_index=-1,
            class_name="min-w-0 flex-1 px-4 pt-5 pb-20 outline-none md:px-9 md:pt-7 md:pb-12",
        ),
        palette(AREAS[area]),
        keys_help(AREAS[area], earns=area == "agent"),
        class_name="flex min-h-dvh flex-col lg:flex-row",
        lang=ENGLISH.code,
        dir=ENGLISH.direction,
    )


def two_columns(main: Child, aside: Child, *, sticky: bool = True) -> rx.Component:
    """Put a narrower column beside the content; on a phone it comes below."""
    hold = "lg:sticky lg:top-6" if sticky else ""
    return rx.el.div(
        rx.el.div(main, class_name="min-w-0"),
        rx.el.aside(aside, class_name=f"min-w-0 {hold}"),
        class_name="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_372px] lg:gap-12",
    )
