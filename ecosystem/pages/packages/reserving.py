"""The card one reserves with: when, who, what along, and what it costs."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.domain.price import OLDEST_CHILD
from ecosystem.pages.components.buttons import button, link_button, look
from ecosystem.pages.components.choices import stepper
from ecosystem.pages.components.departure_calendar import departure_calendar
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.forms import CONTROL, checkbox
from ecosystem.pages.components.trips import price_note, price_rows
from ecosystem.pages.components.values import when
from ecosystem.state.packages import PackageState

S: Any = PackageState  # whose fields are Vars when a page is drawn
V = S.view
POLITE = {"aria-live": "polite"}
PAUSE = 250
"""Milliseconds without typing after which a number counts."""


def reserving() -> rx.Component:
    """Draw the card."""
    return rx.el.section(
        rx.el.h2(_("Reserve"), class_name="sr-only"),
        rx.cond(
            S.month.days.length() > 0,
            _form(),
            empty_state(
                _("No departures at the moment"),
                _("The operator has not opened new dates yet."),
                link_button(_("Find another trip"), href="/search"),
                compact=True,
            ),
        ),
        id="dates",
        class_name="scroll-mt-4 rounded-lg border border-line bg-card p-4 shadow-float sm:p-5",
    )


def price_bar() -> rx.Component:
    """Draw the way to that card with the price, at the foot of a phone's screen until it is there."""
    return when(
        S.month.days.length() > 0,
        rx.el.div(
            rx.el.p(
                rx.cond(
                    S.total != "",
                    rx.el.span(S.total, class_name="block font-semibold tabular-nums"),
                    rx.el.span(S.price, class_name="block font-semibold tabular-nums"),
                ),
                rx.el.span(S.dates, class_name="block truncate text-sm text-soft"),
                class_name="min-w-0 leading-tight",
            ),
            rx.el.a(_("Reserve"), href="#dates", class_name=look("primary", "md", "shrink-0")),
            class_name="sticky bottom-0 z-20 -mx-4 mt-10 flex items-center justify-between gap-4 "
            "border-t border-line bg-card px-4 py-2.5 lg:hidden",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.p(
            rx.el.span(S.price, class_name="font-serif text-[34px] leading-none"),
            " ",
            _("per adult"),
            class_name="mb-3 text-soft [&>span]:text-ink",
        ),
        rx.el.p(S.rate_note, class_name="mb-3 text-sm text-soft empty:hidden"),
        _not_bookable(),
        departure_calendar(
            S.month, S.week, S.chosen, S.choose, S.turn, legend=_("Day of departure")
        ),
        rx.el.p(S.dates, class_name="mt-2 min-h-[21px] text-md text-soft", custom_attrs=POLITE),
        rx.el.div(
            _count(_("Adults"), "adults", S.adults, 1, S.set_adults),
            _count(_("Children"), "children", S.children, 0, S.set_children),
            class_name="mt-4 grid grid-cols-2 gap-3",
        ),
        _ages(),
        rx.el.p(V.party_hint, class_name="mt-1.5 text-sm text-soft empty:hidden"),
        rx.el.p(V.rooms_hint, class_name="mt-1.5 text-sm text-soft empty:hidden"),
        when(V.extras.length() > 0, _extras()),
        rx.el.p(
            S.party_problem, class_name="mt-3 text-sm text-bad empty:hidden", custom_attrs=POLITE
        ),
        when(
            S.total != "",
            rx.el.div(
                price_rows(
                    S.lines,
                    S.total,
                    price_note(_("In your currency"), S.about),
                    price_note(_("Or a deposit now"), S.deposit),
                    price_note(_("and by {day}").format(day=S.balance_day), S.balance),
                ),
                class_name="mt-4",
            ),
        ),
        rx.el.p(
            S.notice,
            class_name="mt-3 rounded-md bg-warn-soft px-3 py-2 text-md text-warn empty:hidden",
            custom_attrs={"aria-live": "assertive"},
        ),
        _consent(),
        _button(),
        on_submit=S.reserve,
    )


def _consent() -> rx.Component:
    """A price that rose while one looked: reserving at it is agreeing to it."""
    return rx.el.div(
        when(
            S.consent != "",
            rx.el.div(
                rx.el.p(S.consent, class_name="font-strong"),
                rx.el.p(_("If you agree, reserve at the price of now.")),
                class_name="mt-3 rounded-md bg-warn-soft px-3 py-2 text-md text-warn",
            ),
        ),
        role="alert",
    )


def _button() -> rx.Component:
    blocked = ~V.bookable | (S.chosen == "") | (S.notice != "") | (S.party_problem != "")
    return rx.fragment(
        button(
            _("Reserve"),
            kind="primary",
            type="submit",
            busy=S.busy,
            disabled=blocked,
            extra="mt-4 w-full !h-11",
        ),
        rx.el.p(
            rx.cond(blocked, "", _("Nothing is charged yet. Your seats are held while you pay.")),
            class_name="mt-2 min-h-[20px] text-center text-sm text-soft",
        ),
    )


def _not_bookable() -> rx.Component:
    return rx.cond(
        V.bookable,
        rx.fragment(),
        rx.el.p(
            rx.el.span(_("Not bookable yet."), " ", class_name="font-strong"),
            _(
                "The operator has not finished setting up how it is paid. Dates and prices are "
                "already right."
            ),
            class_name="mb-4 rounded-md bg-warn-soft px-3 py-2 text-md text-warn",
            role="status",
        ),
    )


def _count(label: str, name: str, value: Any, low: int, on_change: Any) -> rx.Component:
    return stepper(
        label,
        name,
        low=low,
        high=99,
        default_value=value.to_string(),
        on_change=on_change.debounce(PAUSE),
    )


def _ages() -> rx.Component:
    """One question for each child, when the price depends on it."""

    def age(value: Any, index: Any) -> rx.Component:
        key = "field-age-" + index.to_string()
        return rx.el.div(
            rx.el.label(
                _("Age of child {number}").format(number=(index + 1).to_string()),
                html_for=key,
                class_name="text-sm",
            ),
            rx.el.select(
                rx.el.option(_("Choose"), value=""),
                *(rx.el.option(str(years), value=str(years)) for years in range(OLDEST_CHILD + 1)),
                id=key,
                name="age_" + index.to_string(),
                value=value,
                on_change=lambda chosen: S.set_age(index, chosen),
                class_name=f"{CONTROL} h-10 px-3",
            ),
            class_name="grid min-w-0 gap-1",
        )

    return when(
        S.ages.length() > 0,
        rx.el.fieldset(
            rx.el.legend(_("Ages on the day of departure"), class_name="sr-only"),
            rx.el.div(rx.foreach(S.ages, age), class_name="grid grid-cols-2 gap-3"),
            class_name="mt-3 min-w-0",
        ),
    )


def _extras() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(_("Extras"), class_name="mb-2 text-sm font-strong"),
        rx.el.div(
            rx.foreach(
                V.extras,
                lambda extra: checkbox(
                    rx.fragment(
                        extra.name,
                        rx.cond(
                            extra.required,
                            rx.el.span(" · ", _("always included"), class_name="text-soft"),
                            rx.fragment(),
                        ),
                    ),
                    "extras",
                    hint=rx.fragment(
                        extra.price,
                        rx.cond(
                            S.costs[extra.key] != "",
                            rx.el.span(" · ", S.costs[extra.key], class_name="tabular-nums"),
                        ),
                        rx.cond(extra.detail != "", rx.el.span(extra.detail, class_name="block")),
                    ),
                    field_id=f"extra-{extra.key}",
                    checked=extra.required | S.extras.contains(extra.key),
                    disabled=extra.required,
                    on_change=lambda _checked: S.toggle(extra.key),
                ),
            ),
            class_name="grid gap-2.5",
        ),
        class_name="mt-5 min-w-0",
    )
