"""The keyboard at the desks: going anywhere by a few words, go-to keys, what keys there are.

What keys do is in ``assets/keys.js``; what is found by words comes from ``PaletteState``.
"""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import anchor
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import LINE, checkbox
from ecosystem.pages.components.navigation import Place
from ecosystem.pages.components.values import Child, Text, when
from ecosystem.state.palette import PaletteState
from ecosystem.state.session import SessionState

P: Any = PaletteState  # whose fields are Vars when a page is drawn
PALETTE = "palette"
KEYS = "keys-help"
TOOL = (
    "flex min-h-9 w-full items-center justify-between gap-2 rounded-sm px-3 text-start text-md "
    "text-soft transition-colors hover:bg-card hover:text-ink aria-pressed:bg-card "
    "aria-pressed:text-ink"
)
OPTION = (
    "flex cursor-pointer items-baseline justify-between gap-3 rounded-sm px-3 py-2 "
    "hover:bg-sunk aria-selected:bg-sunk"
)


def kbd(*names: str) -> rx.Component:
    """Draw keys that are pressed one after another."""
    return rx.el.span(
        *(
            rx.el.kbd(
                name,
                class_name="inline-flex min-w-5 items-center justify-center rounded-[4px] border "
                "border-line bg-card px-1 font-sans text-xs text-soft",
            )
            for name in names
        ),
        class_name="inline-flex shrink-0 gap-1",
    )


def _with_command(name: str) -> rx.Component:
    """``Ctrl K``, or ``⌘ K`` where that is what the keyboard has (theme.css)."""
    return rx.fragment(
        rx.el.span(kbd("Ctrl", name), class_name="on-pc"),
        rx.el.span(kbd("⌘", name), class_name="on-mac"),
    )


def desk_tools(area: str) -> rx.Component:
    """Draw the buttons below a desk's navigation: what their keys do, for a pointer."""
    return rx.fragment(
        _tool("Go to…", _with_command("K"), opens=PALETTE, shortcut="Control+K Meta+K"),
        when(
            SessionState.sees_commission if area == "agent" else False,
            rx.el.button(
                "Hide earnings",
                kbd("H"),
                type="button",
                class_name=TOOL,
                custom_attrs={
                    "data-earnings-switch": "",
                    "aria-pressed": "false",
                    "aria-keyshortcuts": "H",
                },
            ),
        ),
        _tool("Keys", kbd("?"), opens=KEYS, shortcut="?"),
    )


def _tool(label: str, keys: Child, *, opens: str, shortcut: str) -> rx.Component:
    return rx.el.button(
        label,
        keys,
        type="button",
        class_name=TOOL,
        custom_attrs={
            "data-open": opens,
            "data-close": "",
            "aria-haspopup": "dialog",
            "aria-keyshortcuts": shortcut,
        },
    )


def palette(places: Sequence[Place]) -> rx.Component:
    """Draw the box that leads anywhere: to the pages of a desk, and to what its words find."""
    return dialog(
        "Go to…",
        rx.el.label("What you look for", html_for="palette-words", class_name="sr-only"),
        # The heading above stands over what is scrolled beneath it, and over a focus ring.
        rx.el.div(class_name="h-1"),
        rx.el.input(
            type="text",
            id="palette-words",
            role="combobox",
            auto_complete="off",
            spell_check=False,
            max_length=100,
            placeholder="A page, a name, a reference…",
            on_change=P.typed.debounce(150),
            class_name=LINE,
            custom_attrs={
                "aria-expanded": "true",
                "aria-controls": "palette-list",
                "aria-autocomplete": "list",
                "enterKeyHint": "go",
            },
        ),
        rx.el.div(
            _group(
                "Pages",
                *(_page(place, index) for index, place in enumerate(places)),
            ),
            _group("Found", rx.foreach(P.lines, _found)),
            id="palette-list",
            role="listbox",
            class_name="mt-3 h-[min(52vh,26rem)] space-y-3 overflow-x-hidden overflow-y-auto",
            custom_attrs={"aria-label": "Where to", "data-answered": P.words},
        ),
        rx.el.p(
            rx.cond(P.problem != "", P.problem, "Nothing here has these words."),
            hidden=True,
            class_name="px-3 py-2 text-soft",
            custom_attrs={"data-none": ""},
        ),
        rx.el.p(class_name="sr-only", custom_attrs={"data-count": "", "aria-live": "polite"}),
        dialog_id=PALETTE,
    )


def _group(name: str, *options: Child) -> rx.Component:
    key = f"palette-{name.lower()}"
    return rx.el.div(
        rx.el.p(name, id=key, class_name="px-3 pb-1 text-xs text-soft", role="presentation"),
        *options,
        role="group",
        custom_attrs={"aria-labelledby": key, "data-group": ""},
    )


def _page(place: Place, index: int) -> rx.Component:
    option = _option(
        place.label,
        rx.fragment(kbd("G", place.key.upper()) if place.key else ""),
        href=place.href,
        option_id=f"palette-page-{index}",
        here={"data-here": ""},
    )
    return option if place.shown is True else rx.cond(place.shown, option)


def _found(line: Any, index: Any) -> rx.Component:
    return _option(
        rx.fragment(
            rx.el.span(line.label, class_name="block truncate"),
            rx.el.span(line.detail, class_name="block truncate text-sm text-soft"),
        ),
        rx.el.span(line.kind, class_name="shrink-0 text-sm text-soft"),
        href=line.href,
        option_id="palette-found-" + index.to_string(),
        here={},
    )


def _option(
    label: Child, end: Child, *, href: Text, option_id: Text, here: dict[str, str]
) -> rx.Component:
    return anchor(
        rx.el.span(label, class_name="min-w-0 flex-1"),
        end,
        href=href,
        id=option_id,
        role="option",
        tab_index=-1,
        class_name=OPTION,
        custom_attrs={"aria-selected": "false", **here},
    )


def keys_help(places: Sequence[Place], *, earns: bool) -> rx.Component:
    """Draw what keys there are, and the switch for those who press them by accident."""
    lines = [
        _key(place.label, kbd("G", place.key.upper()), place.shown) for place in places if place.key
    ]
    return dialog(
        "Keys",
        rx.el.h3("Go to", class_name="mb-1 text-sm text-soft"),
        rx.el.dl(*lines, class_name="grid gap-x-8 sm:grid-cols-2"),
        rx.el.h3("Anywhere", class_name="mt-5 mb-1 text-sm text-soft"),
        rx.el.dl(
            _key("Go to anything by its name", _with_command("K")),
            _key(
                "Hide earnings, or show them again",
                kbd("H"),
                SessionState.sees_commission if earns else False,
            ),
            _key("This list", kbd("?")),
            _key("Close what is open", kbd("Esc")),
        ),
        rx.el.div(
            checkbox(
                "Keys without Ctrl",
                "single_keys",
                hint="G, H and ?. Off is for those who dictate. It is kept in this browser.",
                field_id="single-keys",
                default_checked=True,
                custom_attrs={"data-single-keys": ""},
            ),
            class_name="mt-5 border-t border-line pt-4",
        ),
        dialog_id=KEYS,
    )


def _key(label: str, keys: rx.Component, shown: Any = True) -> Child:
    line = rx.el.div(
        rx.el.dt(label),
        rx.el.dd(keys),
        class_name="flex items-center justify-between gap-4 py-1.5",
    )
    return line if shown is True else when(shown, line)
