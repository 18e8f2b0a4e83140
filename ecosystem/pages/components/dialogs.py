"""Dialogs and drawers, on the browser's own ``<dialog>``: it keeps focus in and gives it back."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import Kind, button, icon_button
from ecosystem.pages.components.values import Child, Text, either


def opener(*children: Child, opens: str, kind: Kind = "plain", **props: Any) -> rx.Component:
    """Draw a button that opens the dialog or drawer of that id, without asking the server."""
    custom = {"data-open": opens, "aria-haspopup": "dialog", **props.pop("custom_attrs", {})}
    return button(*children, kind=kind, custom_attrs=custom, **props)


def closer(*children: Child, kind: Kind = "plain", **props: Any) -> rx.Component:
    """Draw a button that closes the dialog it stands in."""
    custom = {"data-close": "", **props.pop("custom_attrs", {})}
    return button(*children, kind=kind, custom_attrs=custom, **props)


def dialog(
    title: Text,
    *children: Child,
    dialog_id: str,
    actions: tuple[Child, ...] = (),
    shown: rx.Var[Any] | None = None,
    on_close: Any = None,
    strict: bool = False,
) -> rx.Component:
    """Draw a box above the page.

    Args:
        title: its heading and accessible name.
        children: its content.
        dialog_id: the id ``opener`` names.
        actions: buttons at its foot, the confirming one last.
        shown: a Var that opens and closes it, if a State does; needs ``on_close``.
        on_close: handler run when it was closed by Escape, its ✕ or a press beside it.
        strict: whether a press beside it leaves it open (a form half filled in).
    """
    return _dialog(
        "sheet",
        title,
        rx.el.div(*children, class_name="px-6 pb-6"),
        rx.el.div(
            *actions,
            class_name="sticky bottom-0 flex flex-wrap justify-end gap-3 border-t border-line "
            "bg-card px-6 py-4 empty:hidden",
        ),
        dialog_id=dialog_id,
        shown=shown,
        on_close=on_close,
        strict=strict,
    )


def drawer(
    title: Text,
    *children: Child,
    dialog_id: str,
    side: str = "start",
) -> rx.Component:
    """Draw a panel at the ``start`` or ``end`` of the screen: filters and navigation on a phone.

    Following a link in it closes it.
    """
    return _dialog(
        "drawer from-end" if side == "end" else "drawer",
        title,
        rx.el.div(*children, class_name="px-5 pb-8"),
        dialog_id=dialog_id,
    )


def _dialog(
    look: str,
    title: Text,
    *children: Child,
    dialog_id: str,
    shown: rx.Var[Any] | None = None,
    on_close: Any = None,
    strict: bool = False,
) -> rx.Component:
    custom: dict[str, Any] = {"aria-labelledby": f"{dialog_id}-title"}
    if shown is not None:
        custom["data-shown"] = either(shown, "true", "false")
    if strict:
        custom["data-strict"] = ""
    closed = (
        [
            rx.el.button(
                type="button",
                hidden=True,
                on_click=on_close,
                custom_attrs={"data-closed": "", "aria-hidden": "true"},
            )
        ]
        if on_close is not None
        else []
    )
    return rx.el.dialog(
        *closed,
        rx.el.div(
            rx.el.h2(title, id=f"{dialog_id}-title", class_name="font-serif text-[24px]"),
            icon_button("close", _("Close"), extra="-me-2", custom_attrs={"data-close": ""}),
            class_name="sticky top-0 z-10 flex items-center justify-between gap-4 bg-card "
            + ("px-6 pt-4 pb-2" if look == "sheet" else "px-5 pt-3 pb-2"),
        ),
        *children,
        id=dialog_id,
        class_name=look,
        custom_attrs=custom,
    )


def confirmation(
    title: Text,
    text: Text,
    *,
    dialog_id: str,
    confirm: Text,
    on_confirm: Any,
) -> rx.Component:
    """Draw a question before what cannot be taken back.

    Args:
        title: what is about to happen.
        text: what it changes, with the facts that matter.
        dialog_id: the id ``opener`` names.
        confirm: the confirming button, as a verb.
        on_confirm: handler it runs; the dialog closes at once.
    """
    return dialog(
        title,
        rx.el.p(text, class_name="text-soft"),
        dialog_id=dialog_id,
        actions=(
            closer(_("Keep it as it is")),
            closer(confirm, kind="danger", on_click=on_confirm),
        ),
    )
