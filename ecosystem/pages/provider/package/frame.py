"""What the sections of the package editor are drawn with."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.values import Child, Text
from ecosystem.state.provider.package import ProviderPackageState
from ecosystem.state.provider.package.views import SECTION_TITLES

S: Any = ProviderPackageState  # whose fields are Vars when a page is drawn


def section(name: str, *children: Child, note: Text = "", typed: bool = True) -> rx.Component:
    """Draw a section of the editor under its heading; ``typed``: its fields are saved."""
    body: Child = rx.el.div(*children, class_name="grid min-w-0 gap-5 p-4 sm:p-5")
    if typed:
        body = rx.el.fieldset(
            rx.el.legend(SECTION_TITLES[name], class_name="sr-only"),
            body,
            disabled=S.locked != "",
            class_name="min-w-0",
            custom_attrs={"data-fields": ""},
        )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(SECTION_TITLES[name], id=f"{name}-title", class_name="text-base font-strong"),
            rx.el.p(note, class_name="text-sm text-soft empty:hidden"),
            class_name="border-b border-line px-4 py-3 sm:px-5",
        ),
        body,
        id=name,
        class_name="min-w-0 scroll-mt-32 rounded-lg border border-line bg-card lg:scroll-mt-20",
        custom_attrs={"aria-labelledby": f"{name}-title"},
    )


def typed(label: Text, name: str, **props: Any) -> rx.Component:
    """Draw a field of the package itself, saved while one types."""
    return field(
        label,
        name,
        default_value=S.fields[name],
        key=f"{name}-" + S.load,
        error=rx.cond(S.errors.contains(name), S.errors[name], ""),
        **props,
    )


def fixed(label: Text, text: Text, why: Text) -> rx.Component:
    """Draw what can't be changed any more where its field was, and why."""
    return rx.el.div(
        rx.el.p(label, class_name="text-sm font-strong"),
        rx.el.p(text, class_name="flex min-h-10 items-center break-all"),
        rx.el.p(why, class_name="text-sm text-soft"),
        class_name="grid min-w-0 content-start gap-1.5",
    )


def in_row(label: Text, name: str, part: str, row: Any, **props: Any) -> rx.Component:
    """Draw a field of a line of the list ``name``."""
    key = rx.Var.create(f"{name}.{row.key}.{part}")
    if "default_checked" not in props:
        props["default_value"] = getattr(row, part)
    return field(
        label,
        key,
        field_id=key,
        error=rx.cond(S.errors.contains(key), S.errors[key], ""),
        **props,
    )


def problem_of(name: str) -> rx.Component:
    """Draw what is wrong with a list as a whole."""
    return rx.el.p(
        rx.cond(S.errors.contains(name), S.errors[name], ""),
        class_name="text-sm text-bad empty:hidden",
        custom_attrs={"aria-live": "polite"},
    )


def add_button(words: str, name: str) -> rx.Component:
    """Draw the button that adds a line to a list."""
    return rx.el.div(
        button(
            "+ ",
            words,
            on_click=S.add_row(name),
            size="sm",
            custom_attrs={"data-adds": name},
        ),
        problem_of(name),
        class_name="flex flex-wrap items-center gap-3",
    )


def number_in_row(label: Text, name: str, part: str, row: Any, **props: Any) -> rx.Component:
    """Draw a field for a number in a line of a list."""
    return in_row(label, name, part, row, input_mode="decimal", auto_complete="off", **props)


def remove_button(name: str, key: Any, what: str, index: Any) -> rx.Component:
    """Draw the button that takes a line off a list; ``what`` names it before its number."""
    return rx.el.button(
        mark("close", 16),
        type="button",
        title="Remove",
        on_click=S.remove_row(name, key),
        class_name="inline-flex size-10 items-center justify-center rounded-sm text-soft "
        "hover:bg-sunk hover:text-ink disabled:opacity-40",
        custom_attrs={"aria-label": f"Remove {what}" + (index + 1).to_string()},
    )
