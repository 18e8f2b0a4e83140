"""The dialogs in which an item of a proposal is added or changed, and the items of an option."""

from typing import Any

import reflex as rx

from ecosystem.domain.currencies import SHOWN
from ecosystem.pages.components.arranging import arranging, entry, handle
from ecosystem.pages.components.buttons import button, icon_button, link
from ecosystem.pages.components.choices import combobox
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.earnings import EARNINGS
from ecosystem.pages.components.forms import checkbox, field, problem_summary
from ecosystem.pages.components.values import when
from ecosystem.state.agent.quote import AgentQuoteState
from ecosystem.state.agent.quote_item import QuoteItemState

Q: Any = AgentQuoteState  # whose fields are Vars when a page is drawn
S: Any = QuoteItemState
D = S.draft
TRIP, FREE = "quote-trip", "quote-free"
CURRENCIES = tuple((code, code) for code in SHOWN)


def items(option: Any) -> rx.Component:
    """Draw the items of an option in their order, which can be changed while it is open."""
    return arranging(
        rx.foreach(option["items"], lambda item: _item(option, item)),
        label="Items in their order",
        on_arrange=lambda key, place: Q.arrange_item(option.key, key, place),
    )


def _item(option: Any, item: Any) -> rx.Component:
    return entry(
        when(
            Q.view.open & (option["items"].length() > 1),
            rx.el.div(handle("Move " + item.title), class_name="-ms-3 shrink-0"),
        ),
        rx.el.div(
            rx.cond(
                item.trip,
                link(item.title, href=item.href),
                rx.el.span(item.title, class_name="font-strong"),
            ),
            rx.el.p(item.detail, class_name="text-soft tabular-nums"),
            rx.el.p(item.note, class_name="whitespace-pre-line text-soft empty:hidden"),
            class_name="min-w-0 flex-1 basis-40 break-words",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.p(item.amount, class_name="tabular-nums"),
                when(
                    item.net != "",
                    rx.el.p(
                        "you buy for ",
                        item.net,
                        class_name="text-sm text-soft tabular-nums",
                        custom_attrs=EARNINGS,
                    ),
                ),
                when(
                    item.commission != "",
                    rx.el.p(
                        item.commission,
                        " yours",
                        class_name="text-sm text-soft tabular-nums",
                        custom_attrs=EARNINGS,
                    ),
                ),
                class_name="text-end",
            ),
            when(
                Q.view.open,
                rx.el.div(
                    icon_button(
                        "pen", "Change " + item.title, on_click=S.change(option.key, item.key)
                    ),
                    icon_button(
                        "close",
                        "Remove " + item.title,
                        on_click=Q.remove_item(option.key, item.key),
                    ),
                    class_name="flex",
                ),
            ),
            class_name="ms-auto flex shrink-0 items-start gap-2",
        ),
        entry_id=item.key,
        extra="flex flex-wrap items-start gap-x-3 gap-y-1 border-t border-line bg-card px-5 py-3",
    )


def trip_dialog() -> rx.Component:
    """Draw the dialog for seats on a departure."""
    return dialog(
        rx.cond(S.key != "", "Change the trip", "Add a trip"),
        rx.el.form(
            problem_summary(S.refused),
            rx.el.div(
                when(
                    S.key == "",
                    combobox(
                        "Trip",
                        "slug",
                        S.trips,
                        filter_by="server",
                        on_search=S.look_up.debounce(200),
                        on_choose=lambda option: S.take_trip(option["value"]),
                        placeholder="A part of its title",
                        error=S.errors["trip"],
                        field_id="quote-trip-slug",
                    ),
                ),
                key="trip-" + S.opened.to_string(),
                class_name="empty:hidden",
            ),
            # Dates and extras come with the trip that was chosen.
            rx.el.div(_dates(), key="dates-" + S.forms.to_string(), class_name="grid gap-4"),
            _party(),
            id=TRIP,
            on_submit=S.keep_trip,
            no_validate=True,
            class_name="grid min-h-[26rem] content-start gap-4",
        ),
        dialog_id="add-trip",
        actions=(
            button("Not now", on_click=S.leave),
            button(
                rx.cond(S.key != "", "Keep it", "Add it"),
                kind="primary",
                type="submit",
                form=TRIP,
            ),
        ),
        shown=S.kind == "trip",
        on_close=S.leave,
        strict=True,
    )


def _dates() -> rx.Component:
    return rx.fragment(
        field(
            "Date",
            "departure_id",
            control="select",
            options=S.dates,
            default_value=D["departure"],
            hint=rx.cond(S.package_title != "", S.package_title, "Choose a trip first."),
            field_id="quote-departure",
        ),
        when(
            S.addons.length() > 0,
            rx.el.fieldset(
                rx.el.legend("Extras", class_name="mb-2 text-sm font-strong"),
                rx.foreach(
                    S.addons,
                    lambda addon: checkbox(
                        addon["label"].to(str),
                        "addon_" + addon["id"].to(str),
                        hint=addon["hint"].to(str),
                        default_checked=addon["taken"].to(bool),
                    ),
                ),
                class_name="grid min-w-0 gap-1",
            ),
        ),
    )


def _party() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            field(
                "Adults",
                "adults",
                type="number",
                default_value=D["adults"],
                error=S.errors["adults"],
                min="1",
                max="99",
                field_id="quote-adults",
            ),
            field(
                "Children",
                "children",
                type="number",
                default_value=D["children"],
                error=S.errors["children"],
                min="0",
                max="99",
                field_id="quote-children",
            ),
            field(
                "Their ages",
                "ages",
                placeholder="4, 9",
                default_value=D["ages"],
                error=S.errors["ages"],
                max_length=60,
                field_id="quote-ages",
            ),
            class_name="grid grid-cols-3 gap-3",
        ),
        field(
            "A word about it",
            "note",
            default_value=D["note"],
            error=S.errors["note"],
            max_length=2000,
            field_id="quote-trip-note",
        ),
        when(
            S.net,
            field(
                "Mark-up on the net price, %",
                "markup",
                default_value=D["markup"],
                error=S.errors["markup"],
                hint="Empty: the client pays the public price.",
                input_mode="decimal",
                max_length=10,
                field_id="quote-markup",
                custom_attrs=EARNINGS,
            ),
        ),
        # What is typed here stays when a trip is chosen; another item begins anew.
        key="party-" + S.opened.to_string(),
        class_name="grid gap-4",
    )


def free_dialog() -> rx.Component:
    """Draw the dialog for something that the agency arranges itself."""
    return dialog(
        rx.cond(S.key != "", "Change it", "Add something else"),
        rx.el.form(
            problem_summary(S.refused),
            rx.el.p(
                "Something you arrange yourself: a transfer, a guide, your own fee. The client pays"
                " it to you, not here.",
                class_name="text-soft",
            ),
            field(
                "What",
                "free_title",
                default_value=D["title"],
                error=S.errors["title"],
                max_length=160,
                required=True,
                field_id="free-title",
            ),
            field(
                "Words about it",
                "text",
                default_value=D["text"],
                error=S.errors["text"],
                max_length=2000,
                field_id="free-text",
            ),
            rx.el.div(
                field(
                    "Quantity",
                    "quantity",
                    type="number",
                    default_value=D["quantity"],
                    error=S.errors["quantity"],
                    min="1",
                    max="999",
                    field_id="free-quantity",
                ),
                field(
                    "Each",
                    "each",
                    input_mode="decimal",
                    placeholder="45.00",
                    default_value=D["each"],
                    error=S.errors["each"],
                    field_id="free-each",
                ),
                field(
                    "Currency",
                    "currency",
                    control="select",
                    options=CURRENCIES,
                    default_value=D["currency"],
                    field_id="free-currency",
                ),
                class_name="grid grid-cols-3 gap-3",
            ),
            id=FREE,
            key=S.forms,
            on_submit=S.keep_free,
            no_validate=True,
            class_name="grid gap-4",
        ),
        dialog_id="add-free",
        actions=(
            button("Not now", on_click=S.leave),
            button(
                rx.cond(S.key != "", "Keep it", "Add it"),
                kind="primary",
                type="submit",
                form=FREE,
            ),
        ),
        shown=S.kind == "free",
        on_close=S.leave,
        strict=True,
    )
