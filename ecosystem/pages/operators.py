"""An operator's page: who they are, and their trips."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.feedback import bone, empty_state, error_state, skeleton_cards
from ecosystem.pages.components.reviews import reviews
from ecosystem.pages.components.surfaces import badge, heading
from ecosystem.pages.components.tables import paging
from ecosystem.pages.components.theme import there
from ecosystem.pages.components.trips import rate_note, trip_grid
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page
from ecosystem.state.operators import OperatorState

S: Any = OperatorState  # whose fields are Vars when a page is drawn


def page() -> rx.Component:
    """Draw the operator's page."""
    return public_page(
        rx.match(
            S.phase,
            ("missing", there(_missing())),
            ("failed", there(_failed())),
            ("shown", rx.cond(S.is_hydrated, there(_shown()), _coming())),
            _coming(),
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("There is no such operator"), class_name="font-serif text-h1"),
        rx.el.p(
            _("They may have left, or the link may be incomplete."),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(link_button(_("Find a trip"), href="/search", kind="primary"), class_name="mt-6"),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Operator"), class_name="sr-only"),
        error_state(
            _("This operator could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
        ),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-4 w-56"),
        bone("mt-3 h-11 w-3/4 max-w-[480px]"),
        bone("mt-6 mb-12 h-16 w-full max-w-[64ch]"),
        skeleton_cards(3),
        custom_attrs={"aria-busy": "true"},
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            S.place,
            when(S.rating != "", rx.el.span(" · ", S.rating)),
            badge(_("Verified operator"), "good", "ms-2"),
            class_name="text-md text-soft",
        ),
        rx.el.h1(
            S.name, class_name="mt-1.5 font-serif text-h2 tracking-[-0.01em] break-words md:text-h1"
        ),
        rx.foreach(
            S.paragraphs,
            lambda text: rx.el.p(text, class_name="mt-4 max-w-[64ch] text-lg break-words"),
        ),
        when(
            S.languages != "",
            rx.el.p(
                _("Speaks {languages}").format(languages=S.languages), class_name="mt-4 text-soft"
            ),
        ),
        rx.el.section(
            rx.el.div(
                heading(_("Their trips")),
                rx.el.p(S.summary, class_name="text-md text-soft tabular-nums"),
                class_name="mb-4 flex items-baseline justify-between gap-4",
            ),
            rx.cond(
                S.trips.length() > 0,
                rx.fragment(
                    trip_grid(S.trips),
                    rate_note(S.rate_note),
                    when(
                        (S.previous != "") | (S.following != ""),
                        rx.el.div(
                            paging(
                                S.position,
                                previous=S.previous,
                                following=S.following,
                                has_previous=S.previous != "",
                                has_following=S.following != "",
                            ),
                            class_name="mt-8",
                        ),
                    ),
                ),
                empty_state(
                    _("No trips at the moment"),
                    _("This operator offers nothing right now."),
                    link_button(_("Find another trip"), href="/search"),
                ),
            ),
            class_name="mt-12",
        ),
        reviews(with_trips=True, extra="mt-14"),
        _contact(),
    )


def _contact() -> rx.Component:
    """Draw how to reach them; nothing is loaded from there."""
    return rx.el.section(
        heading(_("Questions before you book?"), "mb-3"),
        rx.el.p(
            _(
                "Write to them directly: nobody knows these hotels and trains better. Once you "
                "have booked, your booking has a place for messages."
            ),
            class_name="max-w-[64ch] text-soft",
        ),
        rx.el.ul(
            when(S.email != "", rx.el.li(link(S.email, href=S.mail_to, reload=True))),
            when(S.phone != "", rx.el.li(S.phone, class_name="tabular-nums")),
            when(
                S.website != "",
                rx.el.li(
                    link(
                        S.website,
                        href=S.website,
                        reload=True,
                        rel="nofollow ugc noopener noreferrer",
                    )
                ),
            ),
            class_name="mt-3 grid gap-1 break-words",
        ),
        class_name="mt-14",
    )
