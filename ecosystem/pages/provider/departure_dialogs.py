"""The dialogs of the departures page: adding by rule, changing what is selected."""

from typing import Any

import reflex as rx

from ecosystem.domain.departures import WEEKDAYS
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.choices import chip, chips, combobox
from ecosystem.pages.components.dialogs import closer, dialog
from ecosystem.pages.components.forms import date_field, field, problem_summary
from ecosystem.state.provider.departure_rule import EVERY, DepartureRuleState
from ecosystem.state.provider.departures import NOT_CHANGED, ProviderDeparturesState

Rule = DepartureRuleState
Calendar = ProviderDeparturesState
CHANGE_FORM = "change-departures-form"


def add_dialog() -> rx.Component:
    """Draw the dialog in which departures are added by rule."""
    return dialog(
        "Add departures",
        rx.el.div(
            problem_summary(Rule.problem),
            combobox(
                "Package",
                "package",
                Rule.options,
                filter_by="server",
                on_search=Rule.look_up.debounce(200),
                on_choose=lambda option: Rule.take_package(option["value"]),
                default_label=Rule.package_title,
                default_value=Rule.package_id,
                error=_error(Rule, "package"),
                placeholder="Type a part of its title",
                field_id="rule-package",
            ),
            rx.el.div(
                rx.el.p("On", class_name="mb-1.5 text-sm font-strong"),
                chips(
                    *(_weekday(number, name) for number, name in enumerate(WEEKDAYS, start=1)),
                    label="Weekdays",
                ),
                _told(_error(Rule, "weekdays")),
            ),
            rx.el.div(
                date_field("From", "first", **_filled("first")),
                date_field("To", "last", **_filled("last")),
                field(
                    "How often",
                    "every_weeks",
                    control="select",
                    options=EVERY,
                    **_filled("every_weeks"),
                ),
                field("Seats", "capacity", input_mode="numeric", **_filled("capacity")),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            field(
                rx.fragment("Price per adult, ", Rule.currency),
                "price",
                hint="Leave it empty for the package's own price.",
                input_mode="decimal",
                **_filled("price"),
            ),
            _preview(),
            class_name="grid gap-5",
            key=Rule.opened,
        ),
        dialog_id="add-departures",
        shown=Rule.shown,
        on_close=Rule.stop,
        strict=True,
        actions=(
            closer("Not now"),
            button(
                Rule.button,
                kind="primary",
                on_click=Rule.create,
                disabled=(Rule.words != "") & (Rule.count == 0),
            ),
        ),
    )


def _filled(name: str) -> dict[str, Any]:
    """What ties a field of the rule to its State."""
    return {
        "field_id": f"rule-{name}",
        "default_value": Rule.typed[name],
        # Not debounced: that drops the first of two fields filled in quickly.
        "on_change": lambda value: Rule.fill(name, value),
        "error": _error(Rule, name),
        "auto_complete": "off",
    }


def _weekday(number: int, name: str) -> rx.Component:
    return chip(name, on=Rule.weekdays.contains(number), on_click=Rule.toggle_weekday(number))


def _preview() -> rx.Component:
    def day(item: Any) -> rx.Component:
        return rx.el.button(
            item.label,
            type="button",
            on_click=Rule.toggle_day(item.iso),
            disabled=item.exists,
            title=rx.cond(item.exists, "There is a departure already", "Leave out or take in"),
            class_name=[
                (
                    "rounded-md border px-2 py-1 text-sm tabular-nums whitespace-nowrap "
                    "disabled:border-transparent disabled:bg-sunk disabled:text-soft"
                ),
                rx.cond(
                    item.kept,
                    "border-brand bg-brand-soft",
                    "border-line text-soft line-through",
                ),
            ],
            custom_attrs={"aria-pressed": rx.cond(item.kept, "true", "false")},
        )

    return rx.el.section(
        rx.el.p(
            rx.cond(
                Rule.words != "",
                Rule.words,
                "Choose a package, weekdays and dates to see what will be added.",
            ),
            class_name=rx.cond(Rule.words != "", "font-strong", "text-soft"),
            custom_attrs={"aria-live": "polite"},
        ),
        rx.cond(
            Rule.existing_words != "",
            rx.el.p(Rule.existing_words, class_name="mt-1 text-soft"),
        ),
        rx.cond(
            Rule.days.length() > 0,
            rx.fragment(
                rx.el.p("Press a day to leave it out.", class_name="mt-3 mb-1.5 text-sm text-soft"),
                rx.el.div(
                    rx.foreach(Rule.days, day),
                    role="group",
                    class_name="flex max-h-44 flex-wrap gap-1.5 overflow-y-auto",
                    custom_attrs={"aria-label": "Days"},
                ),
            ),
        ),
        class_name="min-h-16 rounded-md bg-sunk/60 px-4 py-3",
        custom_attrs={"aria-label": "What will be added"},
    )


def change_dialog() -> rx.Component:
    """Draw the dialog in which seats and price of the selected departures change."""
    return dialog(
        "Seats and price",
        rx.el.p(Calendar.selected_text, class_name="mb-4 text-soft"),
        rx.cond(Calendar.refusals.length() > 0, rx.el.div(refusal_list(), class_name="mb-4")),
        rx.el.form(
            field(
                "Seats",
                "capacity",
                hint="Leave it empty to keep them. Never fewer than are sold and held.",
                error=_error(Calendar, "capacity"),
                field_id="change-capacity",
                input_mode="numeric",
                auto_complete="off",
                max_length=10,
            ),
            field(
                "Price per adult",
                "price_kind",
                control="select",
                options=(
                    ("", "Keep the price"),
                    ("package", "The package's price"),
                    ("own", "A price for these departures"),
                ),
                field_id="change-price-kind",
            ),
            field(
                "Own price",
                "price",
                hint="Only for a price for these departures. Bookings made keep theirs.",
                error=_error(Calendar, "price"),
                field_id="change-price",
                input_mode="decimal",
                auto_complete="off",
                max_length=20,
            ),
            id=CHANGE_FORM,
            key=Calendar.forms,
            on_submit=Calendar.change,
            no_validate=True,
            class_name="grid gap-5",
        ),
        dialog_id="change-departures",
        shown=Calendar.changing,
        on_close=Calendar.stop_change,
        strict=True,
        actions=(
            closer("Keep as they are"),
            button("Change departures", kind="primary", type="submit", form=CHANGE_FORM),
        ),
    )


def refusal_list() -> rx.Component:
    """Draw why a change was not made, departure by departure."""
    return rx.el.div(
        rx.el.p(NOT_CHANGED, class_name="font-strong text-bad"),
        rx.el.ul(
            rx.foreach(Calendar.refusals, lambda line: rx.el.li(line)),
            class_name="mt-1 grid max-h-56 list-disc gap-1 overflow-y-auto ps-5 text-md",
        ),
        role="alert",
        class_name="rounded-md border border-bad/40 bg-bad-soft px-4 py-3",
    )


def _error(state: Any, name: str) -> Any:
    return state.errors.get(name, "")


def _told(error: Any) -> rx.Component:
    return rx.el.p(
        error,
        class_name="mt-1.5 text-sm text-bad empty:hidden",
        custom_attrs={"aria-live": "polite"},
    )
