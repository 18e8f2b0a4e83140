"""A list whose entries are put in order: dragged by a handle, with a finger too, or by arrow keys."""

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex_base.components.component import Component
from reflex_base.components.component import field as prop
from reflex_base.utils.imports import ImportVar

from ecosystem.pages.components.values import Child, Text

SCRIPT = """
function EcosystemArranging({ onArrange, children, className, label }) {
  const list = useRef(null);
  const focus = useRef("");
  const entries = () => [...list.current.querySelectorAll(":scope > [data-entry]")];
  const mark = (target, after) => {
    for (const entry of entries()) {
      if (entry === target) entry.dataset.target = after ? "after" : "before";
      else delete entry.dataset.target;
    }
  };
  const move = (entry, to) => {
    const all = entries();
    const from = all.indexOf(entry);
    const place = Math.max(0, Math.min(all.length - 1, to));
    if (from < 0 || place === from) return;
    focus.current = entry.dataset.entry;
    onArrange(entry.dataset.entry, place);
  };

  // A moved element loses the focus; whoever moves it by keys wants to go on.
  useEffect(() => {
    if (!focus.current) return;
    const entry = entries().find((one) => one.dataset.entry === focus.current);
    if (document.activeElement === document.body) entry?.querySelector("[data-handle]")?.focus();
  });

  const grab = (event) => {
    const handle = event.target.closest?.("[data-handle]");
    const entry = handle?.closest("[data-entry]");
    if (!entry || event.button) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    entry.dataset.moving = "";
    let to = null;
    const drag = (event) => {
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const target = under?.closest("[data-entry]");
      const all = entries();
      to = null;
      if (!target || target === entry || !all.includes(target)) return mark(null);
      const box = target.getBoundingClientRect();
      const after = event.clientY > box.top + box.height / 2;
      const index = all.indexOf(target) + (after ? 1 : 0);
      to = index > all.indexOf(entry) ? index - 1 : index;
      mark(target, after);
    };
    const drop = (event) => {
      handle.removeEventListener("pointermove", drag);
      handle.removeEventListener("pointerup", drop);
      handle.removeEventListener("pointercancel", drop);
      delete entry.dataset.moving;
      mark(null);
      if (event.type === "pointerup" && to !== null) move(entry, to);
    };
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
  };

  const keys = (event) => {
    const entry = event.target.closest?.("[data-handle]")?.closest("[data-entry]");
    const all = entry && entries();
    const steps = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    if (!entry || !(event.key in steps)) return;
    event.preventDefault();
    move(entry, all.indexOf(entry) + steps[event.key]);
  };

  return jsx(
    "ol",
    { ref: list, className, "aria-label": label, onPointerDown: grab, onKeyDown: keys },
    children,
  );
}
"""

HANDLE = (
    "inline-flex size-10 shrink-0 cursor-grab touch-none items-center justify-center rounded-md "
    "text-soft transition-colors hover:bg-sunk hover:text-ink active:cursor-grabbing"
)
ENTRY = (
    "relative data-[moving]:opacity-50 data-[target]:before:absolute "
    "data-[target]:before:inset-x-0 data-[target]:before:h-0.5 data-[target]:before:bg-brand "
    "data-[target=before]:before:-top-px data-[target=after]:before:-bottom-px"
)


class Arranging(Component):
    """The script above as a component; see :func:`arranging`."""

    tag = "EcosystemArranging"

    label: rx.Var[str] = prop(doc="The accessible name of the list.")
    on_arrange: rx.EventHandler[passthrough_event_spec(str, int)] = prop(
        doc="Id of an entry, and its new place, from 0."
    )

    def add_imports(self) -> dict[str, list[ImportVar]]:  # type: ignore[override]
        """What the script needs of React."""
        return {
            "react": [ImportVar(name) for name in ("useEffect", "useRef")],
            "@emotion/react": [ImportVar("jsx")],
        }

    def add_custom_code(self) -> list[str]:
        """The script, once a page."""
        return [SCRIPT]


def arranging(*entries: Child, label: Text, on_arrange: Any, extra: str = "") -> rx.Component:
    """Draw a list that can be put in order.

    Args:
        entries: :func:`entry` elements, or a ``foreach`` of them.
        label: the accessible name of the list.
        on_arrange: handler with an entry's id and its new place from 0; both may be anything.
        extra: more class names, for its place.
    """
    return Arranging.create(*entries, label=label, on_arrange=on_arrange, class_name=extra)


def entry(*children: Child, entry_id: Text, extra: str = "", **props: Any) -> rx.Component:
    """Draw one entry; somewhere in it stands a :func:`handle`."""
    return rx.el.li(
        *children,
        key=entry_id,
        class_name=f"{ENTRY} {extra}",
        custom_attrs={"data-entry": entry_id},
        **props,
    )


def handle(label: Text) -> rx.Component:
    """Draw what an entry is dragged by; with the focus on it, the arrow keys move the entry.

    ``label`` says what is moved and where it stands: "Move the picture of the bay, 2 of 5".
    """
    dots = "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01"
    return rx.el.button(
        rx.el.svg(
            rx.el.path(d=dots),
            view_box="0 0 24 24",
            width="20",
            height="20",
            custom_attrs={
                "fill": "none",
                "stroke": "currentColor",
                "strokeWidth": "2.5",
                "strokeLinecap": "round",
                "aria-hidden": "true",
            },
        ),
        type="button",
        class_name=HANDLE,
        custom_attrs={"data-handle": "", "aria-label": label},
    )
