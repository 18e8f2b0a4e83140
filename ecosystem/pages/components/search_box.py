"""The bar one searches trips with: words with suggestions, dates, travellers."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.values import Text
from ecosystem.state.suggestions import SuggestionState

S: Any = SuggestionState

BAR = (
    "grid grid-cols-[1fr_auto] items-center gap-4 rounded-lg border border-line bg-card py-1.5 "
    "ps-4 pe-1.5 shadow-float focus-within:border-edge md:grid-cols-[1.6fr_1fr_1fr_0.7fr_auto] "
    "md:rounded-full md:ps-6"
)
"""The look of the form these parts stand in."""

DIVIDED = "hidden border-s border-line ps-4 md:block"
_PART = (
    "rounded-sm py-0.5 has-focus-visible:outline-2 has-focus-visible:outline-offset-4 "
    "has-focus-visible:outline-brand"
)
_LABEL = "block text-xs text-soft"
_INPUT = "block w-full min-w-0 bg-transparent text-base text-ink outline-none"


def search_parts(
    *, words: Text = "", first_day: Text = "", last_day: Text = "", travellers: Text = ""
) -> tuple[rx.Component, ...]:
    """Draw the fields of the bar and its button; on a phone only the words and the button."""
    return (
        _words(words),
        _part(_("From"), "from", first_day, type="date"),
        _part(_("To"), "to", last_day, type="date"),
        _part(
            _("Travellers"), "travellers", travellers, type="number", min="1", max="99",
            placeholder=_("any"),
        ),
        button(_("Search"), type="submit", kind="primary", extra="!h-11 !rounded-full px-5"),
    )  # fmt: skip


def _words(words: Text) -> rx.Component:
    return rx.el.div(
        rx.el.label(_("Where"), html_for="search-words", class_name=_LABEL),
        rx.el.input(
            type="search",
            id="search-words",
            name="q",
            default_value=words,
            role="combobox",
            auto_complete="off",
            max_length=200,
            placeholder=_("A country, a city…"),
            on_change=S.typed.debounce(150),
            class_name=_INPUT,
            custom_attrs={
                "aria-expanded": "false",
                "aria-controls": "search-suggestions",
                "aria-autocomplete": "list",
                "enterKeyHint": "search",
            },
        ),
        rx.el.ul(
            rx.foreach(S.lines, _suggestion),
            id="search-suggestions",
            role="listbox",
            hidden=True,
            class_name="absolute -start-4 top-full z-20 mt-3 max-h-96 w-[min(480px,calc(100vw-2rem))] "
            "overflow-y-auto rounded-md border border-line bg-card p-1.5 shadow-float empty:hidden",
            custom_attrs={"aria-label": _("Suggestions")},
        ),
        class_name=f"relative min-w-0 {_PART}",
        custom_attrs={"data-combobox": "", "data-filter": "server"},
    )


def _suggestion(line: Any, index: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.label, class_name="block truncate font-strong"),
        rx.el.span(line.detail, class_name="block truncate text-sm text-soft"),
        role="option",
        id="search-suggestion-" + index.to_string(),
        on_click=S.choose(line.href),
        class_name="cursor-pointer rounded-sm px-3 py-2 hover:bg-sunk aria-selected:bg-sunk",
        custom_attrs={"aria-selected": "false", "data-label": line.label, "data-value": ""},
    )


def _part(label: str, name: str, value: Text, **props: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name=_LABEL),
        rx.el.input(
            name=name, default_value=value, auto_complete="off", class_name=_INPUT, **props
        ),
        class_name=f"{DIVIDED} {_PART}",
    )
