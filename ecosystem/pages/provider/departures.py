"""``/provider/departures``: the calendar of an operator's departures."""

from typing import Any

import reflex as rx

from ecosystem.domain.departures import WEEKDAYS
from ecosystem.pages.components.buttons import anchor, button, link_button, look
from ecosystem.pages.components.choices import combobox
from ecosystem.pages.components.dialogs import confirmation, opener
from ecosystem.pages.components.feedback import bone, empty_state
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.numbers import progress
from ecosystem.pages.components.surfaces import TONES, breadcrumbs, card, page_header
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.provider.calendar_feed import calendar_feed
from ecosystem.pages.provider.departure_dialogs import add_dialog, change_dialog, refusal_list
from ecosystem.state.provider.departure_lines import PATH
from ecosystem.state.provider.departure_rule import DepartureRuleState
from ecosystem.state.provider.departures import ProviderDeparturesState

State = ProviderDeparturesState
DELETE = "delete-departures"
REFRESH_SECONDS = 10


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        rx.cond(
            State.phase == "missing",
            _missing(),
            rx.fragment(
                page_header(
                    rx.cond(State.package_title != "", State.package_title, "Departures"),
                    rx.cond(
                        State.editable,
                        button("Add departures", kind="primary", on_click=DepartureRuleState.start),
                    ),
                    above=rx.cond(
                        State.package_id != "", breadcrumbs(("All departures", State.all_href)), ""
                    ),
                    below=rx.el.span(
                        rx.cond(State.summary != "", State.summary, "\u00a0"),
                        custom_attrs={"aria-live": "polite"},
                    ),
                ),
                rx.el.div(
                    _toolbar(),
                    loading_or_failed(
                        State.phase, State.problem, State.open, _skeleton(), _calendar()
                    ),
                    calendar_feed(),
                    class_name="grid gap-6",
                ),
                _bulk_bar(),
                change_dialog(),
                add_dialog(),
                confirmation(
                    "Delete these departures",
                    "They can't be brought back. Only what nobody has ever booked or holds can"
                    " be deleted; close the others instead.",
                    dialog_id=DELETE,
                    confirm="Delete departures",
                    on_confirm=State.remove,
                ),
                refreshed(State.refresh, REFRESH_SECONDS),
            ),
        ),
        area="provider",
        current=PATH,
    )


def _toolbar() -> rx.Component:
    shape = look("plain", "md", "!px-2.5")
    return rx.el.div(
        rx.el.nav(
            anchor(
                mark("left", class_name="rtl:rotate-180"),
                href=State.previous_href,
                class_name=shape,
                custom_attrs={"aria-label": "Month before"},
            ),
            rx.el.h2(
                State.month_title,
                class_name="min-w-40 text-center text-lg font-strong",
                custom_attrs={"aria-live": "polite"},
            ),
            anchor(
                mark("right", class_name="rtl:rotate-180"),
                href=State.following_href,
                class_name=shape,
                custom_attrs={"aria-label": "Month after"},
            ),
            link_button("This month", href=State.this_month_href, kind="quiet"),
            class_name="flex flex-wrap items-center gap-2",
            custom_attrs={"aria-label": "Months"},
        ),
        combobox(
            "Package",
            "package",
            State.options,
            filter_by="server",
            on_search=State.look_up.debounce(200),
            on_choose=lambda option: State.show_package(option["value"]),
            default_label=State.package_title,
            default_value=State.package_id,
            placeholder="All packages",
            field_id="calendar-package",
            extra="w-full sm:w-80",
        ),
        class_name="flex flex-wrap items-end justify-between gap-4",
    )


def _calendar() -> rx.Component:
    return rx.fragment(
        rx.cond(
            (State.refusals.length() > 0) & ~State.changing,
            rx.el.div(refusal_list(), class_name="mb-4"),
        ),
        card(
            rx.el.div(
                *(_weekday(number, name) for number, name in enumerate(WEEKDAYS, start=1)),
                class_name="hidden grid-cols-7 border-b border-line md:grid",
            ),
            rx.cond(
                (State.earlier != "") & ~State.earlier_shown,
                rx.el.div(
                    button(State.earlier, size="sm", kind="quiet", on_click=State.show_earlier),
                    class_name="border-b border-line p-2 md:hidden",
                ),
            ),
            rx.el.ol(
                rx.foreach(State.days, _day),
                class_name="md:grid md:grid-cols-7 md:gap-px md:bg-line",
                custom_attrs={"aria-label": "Departures by day"},
            ),
            rx.cond(State.some, rx.fragment(), _empty()),
            padded=False,
        ),
    )


def _weekday(number: int, name: str) -> rx.Component:
    return rx.el.button(
        name[:3],
        type="button",
        on_click=State.pick_weekday(number),
        title=f"Select every {name}",
        class_name="px-2 py-2 text-start text-sm font-medium text-soft hover:bg-sunk hover:text-ink",
        custom_attrs={"aria-label": f"Select every {name} of this month"},
    )


def _day(day: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(
                day.number,
                class_name=[
                    (
                        "hidden size-6 items-center justify-center rounded-full text-sm tabular-nums "
                        "md:inline-flex"
                    ),
                    rx.cond(day.today, "bg-brand text-brand-ink", "text-soft"),
                ],
                custom_attrs={"aria-hidden": "true"},
            ),
            rx.el.h3(day.name, class_name="px-1 text-sm font-strong md:sr-only"),
            class_name="mb-1",
        ),
        rx.el.div(
            rx.foreach(day.slots, _slot),
            rx.cond(
                day.more != "",
                rx.el.p(day.more, ": choose a package", class_name="px-1 text-xs text-soft"),
            ),
            class_name="grid gap-1.5",
        ),
        class_name=[
            "min-w-0 p-3 md:min-h-28 md:p-1.5",
            rx.cond(day.outside, "bg-sunk/60 md:bg-paper", "bg-card"),
            rx.cond(
                (day.slots.length() > 0) & (~day.earlier | State.earlier_shown),
                "border-b border-line md:border-0",
                "hidden md:block",
            ),
        ],
    )


def _slot(slot: Any) -> rx.Component:
    chosen = State.selected.contains(slot.id)
    return rx.el.button(
        rx.el.span(
            rx.cond(
                State.package_id == "",
                rx.el.span(slot.title, class_name="line-clamp-2 font-strong break-words"),
            ),
            rx.el.span(
                rx.el.span(slot.seats, class_name="font-strong"),
                rx.el.span(slot.price),
                class_name="flex flex-wrap justify-between gap-x-2",
            ),
            progress(slot.seats, slot.percent, quiet=True),
            rx.el.span(
                rx.el.span(slot.more, class_name="empty:hidden"),
                rx.el.span(
                    slot.status,
                    class_name=[
                        "rounded-full px-1.5",
                        rx.match(slot.tone, *TONES.items(), TONES["plain"]),
                    ],
                ),
                class_name="flex flex-wrap items-center justify-between gap-1",
            ),
            class_name="grid gap-1",
            custom_attrs={"aria-hidden": "true"},
        ),
        type="button",
        on_click=lambda info: State.pick(slot.id, info),
        disabled=slot.fixed,
        title=slot.title,
        class_name=[
            "w-full rounded-md border p-2 text-start text-xs tabular-nums transition-colors",
            rx.cond(
                chosen,
                "border-brand bg-brand-soft",
                rx.cond(
                    slot.status == "closed",
                    "border-dashed border-edge bg-card hover:border-edge",
                    "border-line bg-card hover:border-edge disabled:opacity-60",
                ),
            ),
        ],
        custom_attrs={"aria-pressed": rx.cond(chosen, "true", "false"), "aria-label": slot.name},
    )


def _empty() -> rx.Component:
    return rx.el.div(
        empty_state(
            "No departure in these weeks",
            rx.cond(
                State.editable,
                "Add them by rule: every Friday from May to September, 16 seats.",
                "An editor of your team can add them.",
            ),
            compact=True,
        ),
        class_name="border-t border-line",
    )


def _bulk_bar() -> rx.Component:
    return rx.cond(
        (State.selected.length() > 0) & State.editable,
        rx.el.section(
            rx.el.p(
                State.selected_text,
                class_name="min-w-0 flex-[1_1_12rem] text-md font-strong break-words",
                custom_attrs={"aria-live": "polite"},
            ),
            rx.el.div(
                rx.cond(
                    State.travellers_href != "",
                    link_button("Bookings", href=State.travellers_href, size="sm"),
                ),
                button("Seats and price", size="sm", on_click=State.start_change),
                button("Close", size="sm", on_click=State.set_open(False)),
                button("Reopen", size="sm", on_click=State.set_open(True)),
                opener("Delete", opens=DELETE, size="sm"),
                button("Select all", size="sm", kind="quiet", on_click=State.pick_all),
                button("Clear", size="sm", kind="quiet", on_click=State.pick_none),
                class_name="flex flex-wrap gap-2",
            ),
            class_name="sticky bottom-4 z-20 mt-6 flex flex-wrap items-center gap-x-4 gap-y-2 "
            "rounded-lg border border-line bg-card px-4 py-3 shadow-float",
            custom_attrs={"aria-label": "Selected departures", "data-bar": ""},
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        page_header("This package does not exist", above=breadcrumbs(("All departures", PATH))),
        card(
            empty_state(
                "Nothing is here",
                "It was removed, or it belongs to another operator.",
                link_button("All departures", href=PATH),
            )
        ),
    )


def _skeleton() -> rx.Component:
    return card(
        rx.el.div(
            *(bone("h-28 w-full !rounded-md") for _ in range(35)),
            class_name="grid gap-2 md:grid-cols-7",
        )
    )
