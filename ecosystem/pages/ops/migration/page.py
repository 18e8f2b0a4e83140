"""``/ops/migration``: tables on their way from Supabase to AWS while everyone keeps writing."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.feedback import bone, skeleton_rows
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.navigation import InPage
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.ops.migration.dialogs import differences_dialog, step_dialog
from ecosystem.pages.ops.migration.group import group_card
from ecosystem.pages.ops.migration.timeline import timeline
from ecosystem.state.ops.migration import EVERY_SECONDS, PATH, OpsMigrationState

State = OpsMigrationState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "From Supabase to AWS",
            rx.el.p(
                rx.cond(State.worker != "", badge(State.worker, State.worker_tone)),
                rx.cond(
                    State.looked != "",
                    rx.el.span(
                        rx.cond(State.stale, "Last seen ", "As of "),
                        State.looked,
                        class_name=["tabular-nums", rx.cond(State.stale, "text-bad", "")],
                    ),
                ),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft",
            ),
            below="Each group moves when you say so, with everyone still writing. Nothing is "
            "final until a group is retired; until then the way back loses nothing.",
        ),
        # Also while the page says that it could not be loaded: it then comes back by itself.
        refreshed(State.look, EVERY_SECONDS),
        loading_or_failed(
            State.phase,
            State.problem,
            State.open,
            _skeleton(),
            rx.el.div(
                _lost(),
                _places(),
                rx.foreach(State.groups, group_card),
                timeline(),
                class_name="grid gap-6",
            ),
        ),
        step_dialog(),
        differences_dialog(),
        area="ops",
        current=PATH,
    )


def _places() -> rx.Component:
    """Lead to each group, with how far it is, and past all of them to the timeline."""
    shape = (
        "inline-flex min-h-9 items-center gap-2 rounded-full border border-line bg-card px-3 "
        "text-md hover:border-edge"
    )

    def one(group: Any) -> rx.Component:
        return rx.el.li(
            InPage.create(
                rx.el.span(group.name, class_name="font-strong"),
                rx.el.span(group.phase, class_name="text-sm text-soft"),
                rx.cond(
                    group.trouble_title != "",
                    rx.el.span("needs a look", class_name="text-sm font-strong text-bad"),
                ),
                href=f"#group-{group.name}",
                class_name=shape,
            )
        )

    return rx.el.nav(
        rx.el.ul(
            rx.foreach(State.groups, one),
            rx.el.li(InPage.create("Timeline", href="#timeline", class_name=shape)),
            class_name="flex flex-wrap gap-2",
        ),
        custom_attrs={"aria-label": "On this page"},
    )


def _lost() -> rx.Component:
    """Say that what is shown is not of now, or that nobody carries anything."""
    look = "rounded-lg border border-bad bg-bad-soft px-5 py-3.5 text-ink"
    return rx.el.div(
        rx.cond(
            State.stale,
            rx.el.p(
                rx.el.span("What you see is of ", State.looked, ". ", class_name="font-strong"),
                State.problem,
                " This page asks again by itself.",
                class_name=look,
            ),
            rx.cond(State.worker_trouble != "", rx.el.p(State.worker_trouble, class_name=look)),
        ),
        role="alert",
        class_name="empty:hidden",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        *(
            card(
                rx.el.div(
                    bone("h-5 w-40"), bone("h-5 w-24"), class_name="flex items-center gap-4 p-5"
                ),
                rx.el.div(bone("h-24 w-full"), class_name="px-5 pb-5"),
                skeleton_rows(2),
                padded=False,
            )
            for _ in range(3)
        ),
        class_name="grid gap-6",
    )
