"""Basics, description, extras, what is not included, and the policy."""

from typing import Any

import reflex as rx

from ecosystem.domain.drafts import UNITS
from ecosystem.pages.components.forms import LINE, checkbox
from ecosystem.pages.components.markdown_field import markdown_field
from ecosystem.pages.components.sortable import sortable
from ecosystem.pages.components.tags import tag_input
from ecosystem.pages.provider.package.frame import (
    S,
    add_button,
    fixed,
    in_row,
    number_in_row,
    remove_button,
    section,
    typed,
)

UNIT_OPTIONS = tuple(UNITS.items())


def basics() -> rx.Component:
    """Draw the title and what stands beside it in lists."""
    return section(
        "basics",
        typed("Title", "title", max_length=200, hint="4 to 120 characters. Say where it goes."),
        typed(
            "Summary",
            "summary",
            control="textarea",
            rows="2",
            max_length=400,
            hint="One or two sentences, up to 300 characters, for lists and search engines.",
        ),
        rx.el.div(
            typed(
                "Largest party",
                "max_travellers",
                input_mode="numeric",
                auto_complete="off",
                max_length=3,
                hint="Travellers in one booking.",
            ),
            rx.cond(
                S.head.slug_fixed,
                fixed(
                    "Address",
                    S.head.address,
                    "It has been public: it stays, so that links keep working.",
                ),
                typed(
                    "Address, after /packages/",
                    "slug",
                    max_length=120,
                    auto_complete="off",
                    spell_check=False,
                    hint="Small letters, digits and hyphens. It stays once the package is public.",
                ),
            ),
            class_name="grid gap-5 sm:grid-cols-[160px_1fr]",
        ),
        tag_input(
            "Tags",
            S.tags,
            on_add=S.add_tag,
            on_remove=lambda key: S.remove_row("tags", key),
            hint="What people filter by: hiking, food, family. Enter adds one; up to 20.",
        ),
        rx.el.div(
            rx.el.p("Highlights", class_name="text-sm font-strong"),
            _lines("highlights", S.highlights, "Highlights", "highlight"),
            add_button("Add a highlight", "highlights"),
            class_name="grid gap-2.5",
        ),
    )


def description() -> rx.Component:
    """Draw the long text with its preview."""
    return section(
        "description",
        markdown_field(
            "Description",
            "description",
            preview=S.preview,
            on_write=S.show_preview.debounce(300),
            error=rx.cond(S.errors.contains("description"), S.errors["description"], ""),
            default_value=S.fields["description"],
            key="description-" + S.load,
            hint="A blank line begins a paragraph. The buttons above make headings, lists and links.",
        ),
    )


def extras() -> rx.Component:
    """Draw the add-ons."""

    def row(addon: Any, _: Any) -> rx.Component:
        return rx.el.div(
            rx.el.div(
                in_row("Name", "addons", "name", addon, max_length=250),
                number_in_row(
                    rx.fragment("Price, ", S.head.currency), "addons", "price", addon, max_length=20
                ),
                in_row("Per", "addons", "unit", addon, control="select", options=UNIT_OPTIONS),
                class_name="grid gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_120px_220px]",
            ),
            in_row(
                "Description",
                "addons",
                "description",
                addon,
                control="textarea",
                rows="2",
                max_length=2100,
            ),
            checkbox(
                "Always included",
                rx.Var.create(f"addons.{addon.key}.required"),
                field_id=rx.Var.create(f"addons.{addon.key}.required"),
                hint="Everyone pays for it; it is part of every price shown for a party.",
                default_checked=addon.required,
            ),
            class_name="grid gap-3",
        )

    return section(
        "extras",
        sortable(
            S.addons,
            row,
            name="addons",
            label="Extras, in order",
            what=lambda _, index: "extra " + (index + 1).to_string(),
            on_arrange=lambda key, place: S.arrange("addons", key, place),
            on_move=lambda key, by: S.move_row("addons", key, by),
            on_remove=lambda key: S.remove_row("addons", key),
        ),
        add_button("Add an extra", "addons"),
        note="What travellers can add, or what is always part of the trip at a price.",
    )


def exclusions() -> rx.Component:
    """Draw what is not in the price."""
    return section(
        "exclusions",
        _lines("exclusions", S.exclusions, "Not included", "line"),
        add_button("Add a line", "exclusions"),
        note="What people might expect in the price and do not get: flights, tips, insurance.",
    )


def policy() -> rx.Component:
    """Draw deposit, balance and what comes back on cancelling."""
    return section(
        "policy",
        rx.el.div(
            typed(
                "Deposit, %",
                "deposit_percent",
                input_mode="numeric",
                auto_complete="off",
                max_length=4,
                hint="Empty: everything is paid when booking.",
            ),
            typed(
                "Balance due, days before departure",
                "balance_due_days",
                input_mode="numeric",
                auto_complete="off",
                max_length=4,
            ),
            class_name="grid items-start gap-5 sm:grid-cols-2",
        ),
        rx.el.p(S.payment_words, class_name="text-soft", custom_attrs={"aria-live": "polite"}),
        rx.el.div(
            rx.el.h3("Cancellation by the traveller", class_name="text-sm font-strong"),
            rx.cond(S.policy.length() > 0, _tiers()),
            add_button("Add a rule", "policy"),
            class_name="grid gap-3",
        ),
        rx.cond(
            S.policy_lines.length() > 0,
            rx.el.div(
                rx.el.h3("In plain words", class_name="text-sm font-strong"),
                rx.el.ul(
                    rx.foreach(S.policy_lines, lambda line: rx.el.li(line)),
                    class_name="mt-1.5 grid gap-1 text-soft",
                ),
                class_name="rounded-md bg-sunk px-4 py-3",
                custom_attrs={"aria-live": "polite"},
            ),
        ),
    )


def _tiers() -> rx.Component:
    def row(tier: Any, index: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.td(
                _cell("Days before, rule ", "days_before", tier, index), class_name="py-1.5 pe-3"
            ),
            rx.el.td(
                _cell("Back in %, rule ", "refund_percent", tier, index), class_name="py-1.5 pe-3"
            ),
            rx.el.td(
                remove_button("policy", tier.key, "rule ", index),
                class_name="w-10 py-1.5 align-top",
            ),
            key=tier.key,
            custom_attrs={"data-entry": tier.key},
        )

    head = "pb-1 text-start text-sm font-normal text-soft"
    return rx.el.table(
        rx.el.caption("Cancellation rules", class_name="sr-only"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Days before departure, at least", scope="col", class_name=head),
                rx.el.th("Comes back, %", scope="col", class_name=head),
                rx.el.th(rx.el.span("Remove", class_name="sr-only"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(S.policy, row), custom_attrs={"data-list": "policy"}),
        class_name="w-full max-w-[520px] border-collapse",
    )


def _cell(label: str, part: str, tier: Any, index: Any) -> rx.Component:
    """A field of a table whose column heading is its visible label."""
    key = rx.Var.create(f"policy.{tier.key}.{part}")
    problem = rx.cond(S.errors.contains(key), S.errors[key], "")
    return rx.el.div(
        rx.el.input(
            name=key,
            id=key,
            default_value=getattr(tier, part),
            class_name=LINE,
            max_length=4,
            auto_complete="off",
            custom_attrs={
                "aria-label": label + (index + 1).to_string(),
                "aria-invalid": rx.cond(S.errors.contains(key), "true", "false"),
                "aria-describedby": rx.Var.create(f"{key}-error"),
                "inputMode": "numeric",
            },
        ),
        rx.el.p(
            problem,
            id=rx.Var.create(f"{key}-error"),
            class_name="mt-1 text-sm text-bad empty:hidden",
            custom_attrs={"aria-live": "polite"},
        ),
    )


def _lines(name: str, rows: Any, label: str, one: str) -> rx.Component:
    """A list of single lines of text."""

    def row(line: Any, index: Any) -> rx.Component:
        key = rx.Var.create(f"{name}.{line.key}.text")
        problem = rx.cond(S.errors.contains(key), S.errors[key], "")
        return rx.el.div(
            rx.el.input(
                name=key,
                id=key,
                default_value=line.text,
                max_length=300,
                class_name=f"{LINE} !h-9 !border-transparent hover:!border-edge/60 "
                "focus:!border-brand aria-invalid:!border-bad",
                custom_attrs={
                    "aria-label": f"{one.capitalize()} " + (index + 1).to_string(),
                    "aria-invalid": rx.cond(S.errors.contains(key), "true", "false"),
                    "aria-describedby": rx.Var.create(f"{key}-error"),
                },
            ),
            rx.el.p(
                problem,
                id=rx.Var.create(f"{key}-error"),
                class_name="text-sm text-bad empty:hidden",
                custom_attrs={"aria-live": "polite"},
            ),
        )

    return sortable(
        rows,
        row,
        name=name,
        label=f"{label}, in order",
        what=lambda _, index: f"{one} " + (index + 1).to_string(),
        on_arrange=lambda key, place: S.arrange(name, key, place),
        on_move=lambda key, by: S.move_row(name, key, by),
        on_remove=lambda key: S.remove_row(name, key),
        dense=True,
    )
