"""A field for text with headings, lists and links: written as Markdown, shown as it will be read."""

from typing import Any

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.utils.imports import ImportVar

from ecosystem.pages.components.forms import CONTROL, field_error
from ecosystem.pages.components.markdown import rich_text
from ecosystem.pages.components.marks import Mark, mark
from ecosystem.pages.components.values import Child, Text, filled, states

SCRIPT = r"""
const ecosystemWrite = (area, kind) => {
  const around = { bold: ["**", "bold words"], italic: ["*", "words"] };
  const before = { heading: "# ", list: "- " };
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  let from, to;
  if (around[kind]) {
    const [sign, example] = around[kind];
    const words = chosen || example;
    area.setRangeText(sign + words + sign, start, end);
    from = start + sign.length;
    to = from + words.length;
  } else if (kind === "link") {
    const made = `[${chosen || "words"}](https://)`;
    area.setRangeText(made, start, end);
    from = to = start + made.length - 1;
  } else {
    // The lines of the selection, each with its sign; the same button takes it off again.
    const first = value.lastIndexOf("\n", start - 1) + 1;
    const lines = value.slice(first, end).split("\n");
    const sign = before[kind];
    const all = lines.every((line) => line.startsWith(sign));
    const made = lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join("\n");
    area.setRangeText(made, first, end);
    from = to = first + made.length;
  }
  area.focus();
  area.setSelectionRange(from, to);
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

function EcosystemMarkdown({ className, children }) {
  const area = (event) => event.currentTarget.querySelector("textarea");
  const onClick = (event) => {
    const tool = event.target.closest("[data-write]");
    if (tool) ecosystemWrite(area(event), tool.dataset.write);
  };
  const onKeyDown = (event) => {
    const kind = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (!kind || !(event.ctrlKey || event.metaKey) || event.target !== area(event)) return;
    event.preventDefault();
    ecosystemWrite(event.target, kind);
  };
  return jsx("div", { className, onClick, onKeyDown }, children);
}
"""


class Markdown(Component):
    """The script above as a component."""

    tag = "EcosystemMarkdown"

    def add_imports(self) -> dict[str, list[ImportVar]]:  # type: ignore[override]
        """What the script needs of React."""
        return {"@emotion/react": [ImportVar("jsx")]}

    def add_custom_code(self) -> list[str]:
        """The script, once a page."""
        return [SCRIPT]


def _writing(*children: Child, extra: str) -> rx.Component:
    return Markdown.create(*children, class_name=extra)


TOOLS: tuple[tuple[str, str, Mark], ...] = (
    ("bold", "Bold", "bold"),
    ("italic", "Italic", "italic"),
    ("heading", "Heading", "heading"),
    ("list", "List", "list"),
    ("link", "Link", "link"),
)


def markdown_field(
    label: Text,
    name: str,
    *,
    preview: rx.Var[Any],
    on_write: Any,
    error: Text = "",
    hint: Text = "",
    **props: Any,
) -> rx.Component:
    """Draw a text area with buttons that write Markdown, and beside it what comes of it.

    Args:
        label: its name.
        name: the form key.
        preview: a Var of safe HTML, see ``rich_text``.
        on_write: handler called with the text; debounce it.
        error: what is wrong, or empty.
        hint: a quieter line below.
        props: ``default_value``, ``key``, ``max_length`` … of the text area.
    """
    key = f"field-{name}"
    tools = [
        rx.el.button(
            mark(look, 17),
            type="button",
            title=words,
            class_name="inline-flex size-9 items-center justify-center rounded-sm text-soft "
            "hover:bg-sunk hover:text-ink disabled:opacity-40",
            custom_attrs={"aria-label": words, "data-write": kind},
        )
        for kind, words, look in TOOLS
    ]
    return _writing(
        rx.el.div(
            rx.el.div(
                rx.el.label(label, html_for=key, class_name="text-sm font-strong"),
                rx.el.div(
                    *tools,
                    role="group",
                    class_name="flex",
                    custom_attrs={"aria-label": "Formatting"},
                ),
                class_name="flex min-h-9 flex-wrap items-center justify-between gap-x-3",
            ),
            rx.el.textarea(
                id=key,
                name=name,
                rows="14",
                on_change=on_write,
                class_name=f"{CONTROL} h-full min-h-72 px-3 py-2 leading-relaxed",
                custom_attrs={
                    **states(invalid=filled(error)),
                    "aria-describedby": f"{key}-hint {key}-error",
                },
                **props,
            ),
            class_name="flex min-w-0 flex-col gap-1.5",
        ),
        rx.el.div(
            rx.el.p(
                "As the public sees it", class_name="flex min-h-9 items-center text-sm text-soft"
            ),
            rx.cond(
                preview != "",
                rich_text(preview),
                rx.el.p("What you write appears here.", class_name="text-soft"),
            ),
            class_name="flex min-w-0 flex-col gap-1.5 lg:border-s lg:border-line lg:ps-5",
        ),
        rx.el.p(hint, id=f"{key}-hint", class_name="text-sm text-soft empty:hidden lg:col-span-2"),
        rx.el.div(field_error(key, error), class_name="lg:col-span-2"),
        extra="grid gap-x-5 gap-y-2 lg:grid-cols-2",
    )
