"""One group that moves: how far it is, what is true, what comes next, how to go back."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.numbers import progress
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.tables import Column, data_table, two_lines
from ecosystem.state.ops.migration import OpsMigrationState

State = OpsMigrationState
PLACE = "min-w-0 scroll-mt-20 lg:scroll-mt-6"
"""What the page's list of places leads to: below what stays at its top."""
STRIP = "flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line px-5 py-3"


def group_card(group: Any) -> rx.Component:
    """Draw a group of tables, or the read model that follows them."""
    return rx.el.section(
        _head(group),
        _way(group),
        _paused(group),
        _under_way(group),
        _trouble(group),
        _three(group),
        rx.cond(
            group.tables.length() > 0,
            rx.el.div(
                data_table(group.tables, _columns(group), caption="Tables of the group"),
                class_name="border-t border-line",
            ),
        ),
        _numbers(group),
        key=group.name,
        id=f"group-{group.name}",
        class_name=f"{PLACE} overflow-clip rounded-lg border border-line bg-card",
        custom_attrs={"aria-label": group.name},
    )


def _head(group: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h2(group.name, class_name="text-lg font-strong break-all"),
            rx.el.span(badge(group.phase, group.tone), custom_attrs={"aria-live": "polite"}),
            rx.el.p(group.summary, class_name="text-sm text-soft tabular-nums"),
            class_name="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1",
        ),
        rx.el.div(
            rx.foreach(group.options, lambda option: _ask(group, option, size="sm")),
            rx.cond(
                group.can_pause,
                button(
                    "Pause…",
                    _of(group),
                    size="sm",
                    on_click=State.choose(group.name, "pause"),
                ),
            ),
            class_name="flex flex-wrap items-center gap-2 empty:hidden",
        ),
        class_name="flex min-h-[60px] flex-wrap items-center justify-between gap-x-6 gap-y-2 "
        "px-5 py-3",
    )


def _of(group: Any) -> rx.Component:
    """Name the group for who hears the buttons one after another."""
    return rx.el.span(group.name, class_name="sr-only")


def _ask(group: Any, option: Any, *, size: Any = "md") -> rx.Component:
    """Draw the button that opens a step's question; nothing for a step that is not offered."""

    def look(kind: Any) -> rx.Component:
        return button(
            option.label,
            _of(group),
            kind=kind,
            size=size,
            on_click=State.choose(group.name, option.action),
        )

    return rx.cond(
        option.action == "",
        rx.fragment(),
        rx.fragment(
            rx.match(
                option.kind,
                ("primary", look("primary")),
                ("danger", look("danger")),
                look("plain"),
            )
        ),
    )


def _way(group: Any) -> rx.Component:
    """Draw the phases as a line; on a phone only the current one is named."""

    def stop(one: Any) -> rx.Component:
        here = one.state == "current"
        return rx.el.li(
            rx.el.span(
                class_name=[
                    "block h-1 rounded-full",
                    rx.match(
                        one.state, ("past", "bg-brand/45"), ("current", "bg-brand"), "bg-sunk"
                    ),
                ],
            ),
            rx.el.span(
                one.label,
                class_name=[
                    "mt-1.5 block text-xs whitespace-nowrap",
                    rx.cond(here, "font-strong text-ink", "text-soft max-md:sr-only"),
                ],
            ),
            class_name="min-w-0 flex-1",
            custom_attrs={"aria-current": rx.cond(here, "step", "false")},
        )

    return rx.cond(
        group.phases.length() > 0,
        rx.el.ol(
            rx.foreach(group.phases, stop),
            class_name="flex gap-1.5 px-5 pb-4",
            custom_attrs={"aria-label": "Phases"},
        ),
    )


def _paused(group: Any) -> rx.Component:
    return rx.cond(
        group.paused != "",
        rx.el.div(
            rx.el.p(
                rx.el.span(group.paused, class_name="block font-strong text-warn"),
                rx.el.span(
                    "Changes are logged and wait; nothing is lost.",
                    class_name="block text-sm text-soft",
                ),
                class_name="min-w-0 break-words",
            ),
            button("Resume", _of(group), size="sm", on_click=State.resume(group.name)),
            class_name=f"{STRIP} bg-warn-soft",
        ),
    )


def _under_way(group: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            group.job != "",
            rx.el.div(
                rx.el.div(
                    rx.cond(
                        group.job_runs,
                        rx.el.span(class_name="spinner shrink-0 text-brand"),
                    ),
                    rx.el.p(
                        rx.el.span(group.job, class_name="block font-strong break-words"),
                        rx.el.span(group.job_note, class_name="block text-sm text-soft"),
                        class_name="min-w-0",
                    ),
                    class_name="flex min-w-0 flex-[1_1_16rem] items-center gap-3",
                ),
                button("Stop", _of(group), size="sm", on_click=State.cancel(group.job_id)),
                class_name=f"{STRIP} bg-brand-soft",
            ),
        ),
        rx.el.p(group.announced, class_name="sr-only", custom_attrs={"aria-live": "polite"}),
    )


def _trouble(group: Any) -> rx.Component:
    return rx.cond(
        group.trouble_title != "",
        rx.el.div(
            rx.el.p(group.trouble_title, class_name="font-strong text-bad"),
            rx.el.p(group.trouble, class_name="max-w-[90ch] break-words"),
            rx.cond(
                group.differing != "",
                button(
                    "Look at them",
                    _of(group),
                    size="sm",
                    on_click=State.differences(group.name, group.differing),
                    extra="mt-2",
                ),
            ),
            class_name="border-t border-line bg-bad-soft px-5 py-3",
        ),
    )


def _three(group: Any) -> rx.Component:
    """Draw what is true, what the next step does, and how to go back."""
    return rx.el.div(
        _third("Now", group.now),
        _third(
            rx.fragment("Next: ", group.next_title),
            group.next,
            _ask(group, group.step),
            _missing(group),
            rx.cond(group.held != "", rx.el.p(group.held, class_name="text-sm text-soft")),
        ),
        _third("Way back", group.back, _ask(group, group.undo)),
        class_name="grid gap-px border-t border-line bg-line md:grid-cols-3",
    )


def _missing(group: Any) -> rx.Component:
    return rx.cond(
        group.missing.length() > 0,
        rx.el.div(
            rx.el.p("Not yet. It still needs:", class_name="text-sm font-strong"),
            rx.el.ul(rx.foreach(group.missing, condition), class_name="mt-1 grid gap-1 text-sm"),
        ),
    )


def condition(one: Any) -> rx.Component:
    """Draw something that a step needs: whether it is met, and how it is instead."""
    return rx.el.li(
        rx.cond(
            one.ok,
            mark("check", 16, "mt-[3px] shrink-0 text-good"),
            mark("close", 16, "mt-[3px] shrink-0 text-bad"),
        ),
        rx.el.span(
            rx.el.span(rx.cond(one.ok, "Met: ", "Not met: "), class_name="sr-only"),
            rx.el.span(one.words, class_name=rx.cond(one.ok, "", "font-strong")),
            rx.cond(one.now != "", rx.el.span(" – ", one.now, class_name="text-bad")),
            class_name="min-w-0 break-words",
        ),
        class_name="flex items-start gap-2",
    )


def _third(label: Any, words: Any, *more: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(label, class_name="text-sm font-strong text-soft"),
        rx.el.p(words, class_name="mt-1 max-w-[60ch] text-md"),
        rx.el.div(*more, class_name="mt-3 grid justify-items-start gap-2 empty:hidden"),
        class_name="bg-card px-5 py-4",
    )


def _columns(group: Any) -> tuple[Column, ...]:
    def name(row: Any) -> rx.Component:
        return two_lines(
            _broken(row.name),
            rx.fragment(
                row.written,
                rx.el.span(
                    " · ",
                    row.rows_supabase,
                    " rows in Supabase, ",
                    row.rows_rds,
                    " in RDS",
                    class_name="md:hidden",
                ),
            ),
        )

    def copied(row: Any) -> rx.Component:
        return rx.cond(
            row.copies,
            rx.el.span(
                progress(row.name, row.percent, quiet=True),
                rx.el.span(row.copied, class_name="mt-1 block text-sm text-soft tabular-nums"),
                class_name="block min-w-24 max-md:pt-1.5",
            ),
            rx.el.span(row.copied, class_name="max-md:hidden"),
        )

    def waiting(row: Any) -> rx.Component:
        return two_lines(
            rx.el.span(
                row.waiting,
                rx.el.span(" waiting", class_name="md:hidden"),
                class_name=rx.cond(row.begun, "", "max-md:hidden"),
            ),
            row.age,
        )

    def check(row: Any) -> rx.Component:
        differing = rx.el.button(
            row.check,
            rx.el.span(" in ", row.name, ": look at them", class_name="sr-only"),
            type="button",
            on_click=State.differences(group.name, row.name),
            class_name="font-strong text-bad underline underline-offset-3",
            custom_attrs={"aria-haspopup": "dialog"},
        )
        words = rx.el.span(
            row.check,
            class_name=rx.match(
                row.check_tone, ("good", "text-good"), ("bad", "text-bad"), "text-soft"
            ),
        )
        return rx.el.span(
            two_lines(rx.cond(row.differing, differing, words), row.checked),
            class_name=rx.cond(row.copies, "", "max-md:hidden"),
        )

    return (
        Column("Table", name, phone="lead", width="32%"),
        Column("In Supabase", lambda row: row.rows_supabase, align="end"),
        Column("In RDS", lambda row: row.rows_rds, align="end"),
        Column("Copied", copied, phone="under", width="18%"),
        Column("Waiting", waiting, align="end", phone="end"),
        Column("Last comparison", check, phone="under-end"),
    )


def _broken(name: Any) -> rx.Component:
    """Let a long name go on in the next line after one of its underscores."""

    def part(words: Any, number: Any) -> rx.Component:
        return rx.fragment(rx.cond(number > 0, rx.fragment("_", rx.el.wbr())), words)

    return rx.el.span(rx.foreach(name.to(str).split("_"), part))


def _numbers(group: Any) -> rx.Component:
    def one(number: Any) -> rx.Component:
        colour = rx.match(
            number.tone,
            ("bad", "text-bad"),
            ("warn", "text-warn"),
            ("good", "text-good"),
            "text-ink",
        )
        return rx.el.div(
            rx.el.dt(number.label, class_name="text-sm text-soft"),
            rx.el.dd(number.value, class_name=["font-strong tabular-nums break-words", colour]),
            rx.el.dd(number.note, class_name="text-sm text-soft break-words empty:hidden"),
            class_name="min-w-0",
        )

    return rx.cond(
        group.numbers.length() > 0,
        rx.el.dl(
            rx.foreach(group.numbers, one),
            class_name="grid grid-cols-[repeat(auto-fit,minmax(8.25rem,1fr))] gap-x-5 gap-y-4 "
            "border-t border-line px-5 py-4 md:grid-cols-[repeat(auto-fit,minmax(11rem,1fr))] "
            "md:gap-x-6",
        ),
    )
