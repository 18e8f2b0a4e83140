"""Forms and the fields in them: a label above, a hint, and the error below, tied together."""

from collections.abc import Sequence
from typing import Any, Literal

import reflex as rx
from reflex_base.components.component import field as prop
from reflex_base.vars.base import Var
from reflex_components_core.el.elements.base import BaseHTML

from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.values import Child, Text, filled, id_of, states, when

CONTROL = (
    "block w-full min-w-0 rounded-md border bg-card text-base text-ink transition-colors "
    "border-edge/60 hover:border-edge focus:border-brand aria-invalid:border-bad "
    "disabled:bg-sunk disabled:text-soft"
)
LINE = f"{CONTROL} h-10 px-3"
ARROW = "pointer-events-none absolute inset-y-0 end-3 flex items-center text-soft"

Control = Literal["input", "textarea", "select"]


class NativeForm(BaseHTML):
    """A form that the browser itself posts; Reflex's own forms never do."""

    tag = "form"

    action: Var[str] = prop(doc="The address the form is sent to.")
    method: Var[str] = prop(doc="get or post.")
    enc_type: Var[str] = prop(doc="How the fields are encoded.")
    auto_complete: Var[str] = prop(doc="Whether the browser may fill it in.")
    no_validate: Var[bool] = prop(doc="Whether the answer, not the browser, says what is wrong.")


def native_form(
    *children: Child, action: Text, method: Literal["get", "post"] = "post", **props: Any
) -> rx.Component:
    """Draw a form that posts to ``action`` and loads the answer, as signing in must."""
    return NativeForm.create(*children, action=action, method=method, **props)


def field(
    label: Text,
    name: Text,
    *,
    control: Control = "input",
    hint: Text = "",
    error: Text = "",
    options: Sequence[tuple[str, str]] | rx.Var[Any] = (),
    field_id: Text = "",
    extra: str = "",
    **props: Any,
) -> rx.Component:
    """Draw a labelled field.

    Args:
        label: its name, always visible.
        name: the form key; also the id unless ``field_id`` is given (needed if repeated).
        control: a line, a text area or a choice from ``options``.
        hint: what helps to fill it in, read out with it.
        error: what is wrong and what to do; empty when nothing is.
        options: ``(value, label)`` pairs of a select, or a Var of ``{"value", "label"}``.
        field_id: the element's id.
        extra: more class names, for its place.
        props: ``type``, ``value``, ``default_value``, ``on_change``, ``required``,
            ``auto_complete``, ``placeholder`` … of the element.
    """
    key = id_of(field_id, name)
    custom = {
        **states(invalid=filled(error)),
        "aria-describedby": f"{key}-hint {key}-error",
        **props.pop("custom_attrs", {}),
    }
    shared = {"id": key, "name": name, "custom_attrs": custom, **props}
    return rx.el.div(
        rx.el.label(label, html_for=key, class_name="text-sm font-strong"),
        _control(control, options, shared),
        when(filled(hint), rx.el.p(hint, id=f"{key}-hint", class_name="text-sm text-soft")),
        field_error(key, error),
        class_name=f"grid min-w-0 content-start gap-1.5 {extra}",
    )


def _control(
    control: Control, options: Sequence[tuple[str, str]] | rx.Var[Any], shared: dict[str, Any]
) -> rx.Component:
    if control == "textarea":
        shared.setdefault("rows", "4")
        return rx.el.textarea(class_name=f"{CONTROL} min-h-20 px-3 py-2", **shared)
    if control == "select":
        return rx.el.div(
            rx.el.select(
                *option_elements(options), class_name=f"{LINE} appearance-none pe-9", **shared
            ),
            rx.el.span(mark("down", 16), class_name=ARROW),
            class_name="relative",
        )
    return rx.el.input(class_name=LINE, **shared)


def option_elements(options: Sequence[tuple[str, str]] | rx.Var[Any]) -> list[rx.Component]:
    """Return the ``<option>`` elements of a select."""
    if isinstance(options, rx.Var):
        return [rx.foreach(options, lambda o: rx.el.option(o["label"], value=o["value"]))]
    return [rx.el.option(label, value=value) for value, label in options]


def field_error(key: Text, error: Text) -> rx.Component:
    """Draw the place of a field's error: there from the start, so that a new one is read out."""
    return rx.el.p(
        error,
        id=f"{key}-error",
        class_name="text-sm text-bad empty:hidden",
        custom_attrs={"aria-live": "polite"},
    )


def date_field(label: Text, name: str, **props: Any) -> rx.Component:
    """Draw a field for a day: the browser's own picker, in the reader's own date format."""
    return field(label, name, type="date", **props)


def checkbox(
    label: Child, name: Text, *, hint: Text = "", field_id: Text = "", extra: str = "", **props: Any
) -> rx.Component:
    """Draw a box to tick, with its words beside it.

    Args:
        label: what ticking means, as a full phrase.
        name: the form key.
        hint: a second, quieter line.
        field_id: the element's id, if ``name`` repeats on the page.
        extra: more class names, for its place.
        props: ``checked``, ``default_checked``, ``on_change``, ``required`` … of the element.
    """
    key = id_of(field_id, name)
    custom = {"aria-describedby": f"{key}-hint", **props.pop("custom_attrs", {})}
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            id=key,
            name=name,
            class_name="mt-[3px] size-[18px] shrink-0 accent-brand",
            custom_attrs=custom,
            **props,
        ),
        rx.el.span(
            rx.el.span(label, class_name="block"),
            when(
                filled(hint),
                rx.el.span(hint, id=f"{key}-hint", class_name="block text-sm text-soft"),
            ),
        ),
        html_for=key,
        class_name=f"flex items-start gap-2.5 {extra}",
    )


def problem_summary(title: Text, detail: Text = "") -> rx.Component:
    """Draw what is wrong with a whole form, above it; nothing while ``title`` is empty."""
    return rx.el.div(
        when(
            filled(title),
            rx.el.div(
                rx.el.p(title, class_name="font-strong text-bad"),
                when(filled(detail), rx.el.p(detail, class_name="text-md text-ink")),
                class_name="rounded-md border border-bad/40 bg-bad-soft px-4 py-3",
            ),
        ),
        role="alert",
    )
