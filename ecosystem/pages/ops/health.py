"""``/ops``: whether everything works, and what waits."""

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import empty_state, skeleton_figures, skeleton_rows
from ecosystem.pages.components.numbers import figure, number_strip
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.health import OpsHealthState

State = OpsHealthState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Health",
            rx.el.p(
                rx.cond(State.checked != "", rx.fragment("Checked ", State.checked), ""),
                rx.cond(State.live, " · again every 5 seconds", ""),
                class_name="text-sm text-soft tabular-nums",
            ),
            button("Refresh", on_click=State.refresh),
            below=rx.el.span(
                rx.cond(State.verdict != "", badge(State.verdict, State.verdict_tone), "\u00a0"),
                custom_attrs={"aria-live": "polite"},
            ),
        ),
        loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
        area="ops",
        current="/ops",
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(
                State.problem != "",
                rx.el.p(
                    rx.el.span(
                        "What you see is of ", State.checked, ". ", class_name="font-strong"
                    ),
                    State.problem,
                    rx.cond(State.live, " This page asks again by itself.", ""),
                    class_name="rounded-lg border border-bad bg-bad-soft px-5 py-3.5 text-ink",
                ),
            ),
            role="alert",
            class_name="empty:hidden",
        ),
        number_strip(
            figure("Going out", State.outbox, "e-mails and refunds that wait", live=True),
            figure("Came in", State.inbox, "payment events that wait", live=True),
            figure("Failing", State.failing_count, "tried at least once, tried again", live=True),
            figure("Slowest answer", State.slowest, State.slowest_part),
            label="Now",
        ),
        section_card(
            "What we depend on",
            data_table(
                State.parts,
                (
                    Column(
                        "Part",
                        lambda row: two_lines(
                            rx.el.span(row.name, class_name="font-strong"), row.vendor
                        ),
                        phone="lead",
                    ),
                    Column(
                        "State", lambda row: badge(row.state, row.tone), phone="end", whole=True
                    ),
                    Column("Latency", lambda row: row.latency, align="end", phone="under-end"),
                    Column(
                        "If it fails",
                        lambda row: two_lines(row.meaning, row.problem, row.problem != ""),
                        phone="under",
                    ),
                ),
                caption="Parts the marketplace depends on",
            ),
        ),
        section_card(
            "Failing messages",
            data_table(
                State.failing,
                (
                    Column("Message", lambda row: two_lines(row.kind, row.queue), phone="lead"),
                    Column("Reason", lambda row: row.error, phone="under"),
                    Column("Tries", lambda row: row.attempts, align="end", phone="end"),
                    Column("Since", lambda row: row.since, whole=True),
                    Column("Next try", lambda row: row.next_try, whole=True),
                ),
                caption="Messages that failed and are tried again, oldest first",
                empty=empty_state("No message is failing", compact=True),
            ),
        ),
        on_unmount=State.leave,
        class_name="grid gap-6",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        skeleton_figures(4), card(skeleton_rows(8), padded=False), class_name="grid gap-6"
    )
