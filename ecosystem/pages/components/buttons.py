"""Buttons and links: what one presses."""

from typing import Any, Literal

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from ecosystem.pages.components.marks import Mark, mark
from ecosystem.pages.components.values import Child, Flag, Text, either, states, when

Kind = Literal["primary", "plain", "quiet", "danger"]
Size = Literal["md", "sm"]

SHAPE = (
    "relative inline-flex items-center justify-center gap-2 whitespace-nowrap rounded-md border "
    "font-strong transition-colors select-none disabled:cursor-not-allowed aria-busy:opacity-60"
)
_OFF = (
    "not-aria-busy:disabled:border-line not-aria-busy:disabled:bg-sunk "
    "not-aria-busy:disabled:text-soft aria-disabled:border-line aria-disabled:bg-sunk "
    "aria-disabled:text-soft"
)
"""Paler alone would look like another colour: what is off is grey, whatever it would do."""
KINDS: dict[str, str] = {
    "primary": "border-brand bg-brand text-brand-ink hover:border-brand-strong "
    f"hover:bg-brand-strong {_OFF}",
    "plain": f"border-line bg-card text-ink hover:border-edge {_OFF}",
    "quiet": "border-transparent bg-transparent text-soft hover:bg-sunk hover:text-ink "
    "disabled:opacity-50 aria-disabled:opacity-50",
    "danger": f"border-bad bg-card text-bad hover:bg-bad-soft {_OFF}",
}
SIZES: dict[str, str] = {"md": "h-10 px-4 text-md", "sm": "h-8 px-3 text-sm"}


def look(kind: Kind, size: Size, extra: str = "") -> str:
    """Return the class names of a button, for the rare element that only looks like one."""
    return f"{SHAPE} {KINDS[kind]} {SIZES[size]} {extra}".rstrip()


def button(
    *children: Child,
    kind: Kind = "plain",
    size: Size = "md",
    busy: Flag = False,
    extra: str = "",
    **props: Any,
) -> rx.Component:
    """Draw a button. One ``primary`` a page; ``danger`` for what cannot be taken back.

    Args:
        children: what happens, as a verb: "Pay €694".
        kind: how much it stands out.
        size: ``md`` is 40 px high, ``sm`` 32.
        busy: while true it turns, keeps its width and refuses presses.
        extra: more class names, for its place.
        props: ``on_click``, ``type``, ``disabled``, ``id`` … of the element.
    """
    disabled = props.pop("disabled", False)
    custom = {**states(busy=busy), **props.pop("custom_attrs", {})}
    props.setdefault("type", "button")
    return rx.el.button(
        when(
            busy,
            rx.el.span(
                rx.el.span(class_name="spinner"),
                class_name="absolute inset-0 flex items-center justify-center",
            ),
        ),
        rx.el.span(
            *children,
            class_name=[
                "inline-flex items-center gap-2",
                either(busy, "opacity-0", "opacity-100"),
            ],
        ),
        disabled=disabled | busy if isinstance(disabled, rx.Var) else either(busy, True, disabled),
        class_name=look(kind, size, extra),
        custom_attrs=custom,
        **props,
    )


def icon_button(name: Mark, label: str, *, extra: str = "", **props: Any) -> rx.Component:
    """Draw a square button that is only a mark; ``label`` is its accessible name."""
    custom = {"aria-label": label, **props.pop("custom_attrs", {})}
    return rx.el.button(
        mark(name),
        type="button",
        title=label,
        class_name="inline-flex size-10 shrink-0 items-center justify-center rounded-md "
        f"text-soft transition-colors hover:bg-sunk hover:text-ink {extra}",
        custom_attrs=custom,
        **props,
    )


def link(*children: Child, href: Text, extra: str = "", **props: Any) -> rx.Component:
    """Draw an underlined link. Addresses of this site open without loading the page anew."""
    return anchor(
        *children,
        href=href,
        class_name="text-ink underline decoration-edge underline-offset-3 "
        f"hover:decoration-current {extra}",
        **props,
    )


def link_button(
    *children: Child,
    href: Text,
    kind: Kind = "plain",
    size: Size = "md",
    extra: str = "",
    **props: Any,
) -> rx.Component:
    """Draw a link that looks like a button: for going somewhere, where ``button`` does something."""
    return anchor(*children, href=href, class_name=look(kind, size, extra), **props)


def anchor(*children: Child, href: Text, **props: Any) -> rx.Component:
    """Draw a bare link; ``reload=True`` leaves the page, as outside addresses must.

    A file of the API is never a page of the router, whoever names it and when.
    """
    reload: Flag = props.pop("reload", False)
    if isinstance(href, rx.Var):
        # Not ``startsWith``: an address may not be there yet, and a test takes even that.
        reload = reload or rx.Var(rf"/^\/api\//.test({href})", _var_type=bool)
    else:
        reload = reload or not href.startswith("/") or href.startswith(("//", "/api/"))
    if reload is False:
        return ReactRouterLink.create(*children, to=href, **props)
    # Also an ``rx.el.a`` becomes a link of the router, which would look for a page there.
    return ReactRouterLink.create(*children, to=href, reload_document=reload, **props)
