"""Choosing: cards of which one is taken, chips, a stepper, a list one types into."""

from collections.abc import Callable
from typing import Any, Literal

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor
from ecosystem.pages.components.forms import ARROW, LINE, field_error
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.values import Child, Flag, Text, either, filled, id_of, states, when

CHIP = (
    "inline-flex h-[34px] items-center gap-1.5 whitespace-nowrap rounded-full border px-3.5 "
    "text-[13.5px] transition-colors"
)
CHIP_ON = "border-ink bg-ink text-paper"
CHIP_OFF = "border-line bg-card text-ink hover:border-edge"
CARD = (
    "block rounded-lg border border-line bg-card px-5 py-4 transition-colors hover:border-edge "
    "has-checked:border-brand has-checked:bg-brand-soft has-disabled:opacity-50 "
    "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-brand"
)


def chip(
    *children: Child, on: Flag = False, href: Text | None = None, **props: Any
) -> rx.Component:
    """Draw a filter chip: a link if it has an address, else a button that stays pressed."""
    look = [CHIP, either(on, CHIP_ON, CHIP_OFF)]
    if href is not None:
        custom = {"aria-current": either(on, "true", "false")}
        return anchor(*children, href=href, class_name=look, custom_attrs=custom, **props)
    custom = states(pressed=on)
    return rx.el.button(*children, type="button", class_name=look, custom_attrs=custom, **props)


def chips(*children: Child, label: str) -> rx.Component:
    """Draw a row of chips that wraps; ``label`` names the group."""
    return rx.el.div(
        *children,
        role="group",
        class_name="flex flex-wrap gap-2",
        custom_attrs={"aria-label": label},
    )


def radio_cards(legend: Text, *cards: Child, error: Text = "") -> rx.Component:
    """Draw a question with its ``radio_card`` answers; one can be taken."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="mb-2 font-strong"),
        rx.el.div(*cards, class_name="grid gap-2"),
        when(filled(error), rx.el.p(error, role="alert", class_name="mt-1.5 text-sm text-bad")),
        class_name="min-w-0",
    )


def radio_card(
    title: Child, detail: Child = "", *, name: str, value: Text, **props: Any
) -> rx.Component:
    """Draw one answer.

    Args:
        title: what one takes.
        detail: what it means, quieter.
        name: the form key, the same on each card of a question.
        value: what the form sends.
        props: ``checked``, ``default_checked``, ``on_change``, ``disabled`` of the input.
    """
    return rx.el.label(
        rx.el.input(type="radio", name=name, value=value, class_name="sr-only", **props),
        rx.el.span(title, class_name="block font-strong"),
        rx.el.span(detail, class_name="block text-soft empty:hidden"),
        class_name=CARD,
    )


def stepper(
    label: Text,
    name: Text,
    *,
    low: int = 0,
    high: int = 99,
    hint: Text = "",
    error: Text = "",
    field_id: Text = "",
    extra: str = "",
    **props: Any,
) -> rx.Component:
    """Draw a whole number with a button to each side; typing works too.

    Args:
        label: what is counted.
        name: the form key.
        low: the smallest number.
        high: the largest.
        hint: a quieter line below.
        error: what is wrong, or empty.
        field_id: the element's id, if ``name`` repeats on the page.
        extra: more class names, for its place.
        props: ``value``, ``default_value``, ``on_change`` of the input.
    """
    key = id_of(field_id, name)
    end = "h-full w-10 shrink-0 text-lg text-soft hover:text-ink"
    return rx.el.div(
        rx.el.label(label, html_for=key, class_name="text-sm font-strong"),
        rx.el.div(
            _step("−", _of(_("Fewer"), label), -1, end),
            rx.el.input(
                type="number",
                id=key,
                name=name,
                min=str(low),
                max=str(high),
                class_name="plain h-full w-full min-w-8 bg-transparent text-center tabular-nums "
                "outline-none",
                custom_attrs={
                    **states(invalid=filled(error)),
                    "inputMode": "numeric",
                    "aria-describedby": f"{key}-hint {key}-error",
                },
                **props,
            ),
            _step("+", _of(_("More"), label), 1, end),
            class_name=f"{LINE} flex items-center !px-0 focus-within:border-brand "
            "has-focus-visible:outline-2 has-focus-visible:outline-brand",
        ),
        when(filled(hint), rx.el.p(hint, id=f"{key}-hint", class_name="text-sm text-soft")),
        field_error(key, error),
        class_name=f"grid min-w-0 content-start gap-1.5 {extra}",
    )


def _of(word: str, label: Text) -> Text:
    """``Fewer adults``: two steppers on a page are told apart by ear, too."""
    return f"{word} {label.lower()}" if isinstance(label, str) else rx.Var.create(f"{word} {label}")


def _step(sign: str, label: Text, by: int, look: str) -> rx.Component:
    return rx.el.button(
        sign,
        type="button",
        tab_index=-1,
        class_name=look,
        custom_attrs={"aria-label": label, "data-step": str(by)},
    )


def combobox(
    label: Text,
    name: str,
    options: rx.Var[Any],
    *,
    filter_by: Literal["local", "server"] = "local",
    on_search: Any = None,
    on_choose: Callable[[Any], Any] | None = None,
    default_label: Text = "",
    default_value: Text = "",
    hint: Text = "",
    error: Text = "",
    placeholder: str = "",
    field_id: Text = "",
    extra: str = "",
) -> rx.Component:
    """Draw a field one types into that offers what fits; arrows, Enter and Escape work.

    Args:
        label: its name.
        name: the form key, under which the chosen *value* is sent (empty until chosen).
        options: a Var of ``[{"value", "label", "detail"}]``, all strings.
        filter_by: ``local`` filters ``options`` in the browser, ignoring accents; ``server``
            shows them as they come, after ``on_search``.
        on_search: handler called with what was typed; debounce it with ``.debounce(200)``.
        on_choose: called with an option, returns the event to run: ``lambda o: S.pick(o["value"])``.
        default_label: what is in the field at first.
        default_value: the value that belongs to it.
        hint: a quieter line below.
        error: what is wrong, or empty.
        placeholder: an example.
        field_id: the element's id, if ``name`` repeats on the page.
        extra: more class names, for its place.
    """
    key = id_of(field_id, name)
    events = {"on_change": on_search} if on_search is not None else {}

    def option(item: Any, index: Any) -> rx.Component:
        chosen = {"on_click": on_choose(item)} if on_choose else {}
        return rx.el.li(
            rx.el.span(item["label"], class_name="min-w-0 truncate"),
            rx.el.span(item["detail"], class_name="shrink-0 text-sm text-soft"),
            role="option",
            id=f"{key}-option-" + index.to_string(),
            class_name="flex cursor-pointer items-baseline justify-between gap-3 rounded-sm "
            "px-3 py-2 hover:bg-sunk",
            custom_attrs={
                "aria-selected": "false",
                "data-value": item["value"],
                "data-label": item["label"],
            },
            **chosen,
        )

    return rx.el.div(
        rx.el.label(label, html_for=key, class_name="text-sm font-strong"),
        rx.el.div(
            rx.el.input(
                type="text",
                id=_unsent(key),
                role="combobox",
                default_value=default_label,
                placeholder=placeholder,
                auto_complete="off",
                class_name=f"{LINE} pe-9",
                custom_attrs={
                    **states(invalid=filled(error)),
                    "aria-autocomplete": "list",
                    "aria-expanded": "false",
                    "aria-controls": f"{key}-list",
                    "aria-describedby": f"{key}-hint {key}-error",
                },
                **events,
            ),
            rx.el.span(mark("down", 16), class_name=ARROW),
            rx.el.input(
                type="hidden",
                name=name,
                default_value=default_value,
                custom_attrs={"data-value": ""},
            ),
            rx.el.ul(
                rx.foreach(options, option),
                id=f"{key}-list",
                role="listbox",
                hidden=True,
                class_name="absolute inset-x-0 top-full z-30 mt-1 max-h-72 overflow-auto rounded-md "
                "border border-line bg-card p-1 shadow-float empty:hidden",
                custom_attrs={"aria-label": _("Suggestions")},
            ),
            class_name="relative",
            custom_attrs={"data-combobox": "", "data-filter": filter_by},
        ),
        when(filled(hint), rx.el.p(hint, id=f"{key}-hint", class_name="text-sm text-soft")),
        field_error(key, error),
        class_name=f"grid min-w-0 content-start gap-1.5 {extra}",
    )


def _unsent(key: Text) -> rx.Var[Any]:
    """An id by which Reflex does not send the field: a form has the chosen value, not the words.

    It takes fields without a name by their ids where it knows these.
    """
    return key if isinstance(key, rx.Var) else rx.Var(f'"{key}"', _var_type=str)
