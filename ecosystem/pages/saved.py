"""``/saved``: the trips one wants to find again."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_cards
from ecosystem.pages.components.recently_seen import recently_seen
from ecosystem.pages.components.surfaces import page_header
from ecosystem.pages.components.trips import rate_note, trip_grid
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page
from ecosystem.state.saved import SavedState
from ecosystem.state.session import SessionState

S: Any = SavedState
SESSION: Any = SessionState


def page() -> rx.Component:
    """Draw the page."""
    return public_page(
        page_header(
            _("Saved trips"),
            big=True,
            below=rx.cond(
                SESSION.signed_in,
                _("They are kept with your account."),
                _("They are kept in this browser. Sign in and they go along."),
            ),
        ),
        rx.el.div(
            rx.match(
                S.phase,
                ("loading", skeleton_cards(3)),
                (
                    "failed",
                    error_state(
                        _("Your saved trips could not be loaded"),
                        S.problem,
                        button(_("Try again"), on_click=S.open),
                    ),
                ),
                rx.fragment(_ended(), rx.cond(S.trips.length() > 0, _shown(), _empty())),
            ),
            custom_attrs={"aria-busy": rx.cond(S.phase == "loading", "true", "false")},
        ),
        recently_seen("mt-14"),
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.h2(_("Trips"), class_name="sr-only"),
        trip_grid(S.trips),
        rate_note(S.rate_note),
    )


def _ended() -> rx.Component:
    return when(
        S.ended != "",
        rx.el.div(
            rx.el.p(S.ended),
            button(_("Remove"), size="sm", on_click=S.forget_ended),
            role="status",
            class_name="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-md bg-sunk "
            "px-4 py-2.5 text-md",
        ),
    )


def _empty() -> rx.Component:
    return empty_state(
        _("Nothing saved yet"),
        _("The heart on a trip keeps it here, so that you find it again."),
        link_button(_("Find a trip"), href="/search", kind="primary"),
    )
