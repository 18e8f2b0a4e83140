"""Fields that save themselves: what is typed stays in the browser until the server has it.

The fields inside are plain ones with a ``name`` and a first value. Those that change are sent
together as JSON ``{"seq", "package", "load", "version", "changes"}`` 1.5 s after the last key,
and at once when a field is left or Save is pressed. Until the server says that they are saved
they are kept in the browser's storage, from where they are offered again after a reload. Lines
of lists are named by keys of one load; what is kept says which line by its place (``#2``).
"""

from typing import Any

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex_base.components.component import Component
from reflex_base.components.component import field as prop
from reflex_base.utils.imports import ImportVar

from ecosystem.pages.components.buttons import Kind, button
from ecosystem.pages.components.values import Child

SCRIPT = r"""
const ecosystemKeeper = (root) => {
  const QUIET = 1500;
  const PATIENCE = 8000;
  const LONGEST_PATIENCE = 60000;
  const LEFT_BEHIND = 30000;
  const keeper = { props: {} };

  let typed = new Map(); // field name: text that the server has not saved
  let unsent = new Set();
  let sent = new Map(); // number of a batch: {name: text}
  const places = new Map(); // field name: its lasting name, also after its line was drawn anew
  let seq = Date.now();
  let since = 0;
  let base = 0; // the version that was typed onto
  let shown = "";
  let quiet, patience;
  let waiting = PATIENCE;
  let held = null;
  let last = ""; // the field that one was in

  const tab = () => {
    const known = sessionStorage.getItem("keeping-tab");
    if (known) return known;
    sessionStorage.setItem("keeping-tab", String(Math.random()).slice(2));
    return sessionStorage.getItem("keeping-tab");
  };
  const place = (of) => `package-draft:${keeper.props.subject}:${of ?? tab()}`;
  const clock = (at) =>
    new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

  const isField = (one) =>
    one instanceof Element && !!one.name && !!one.closest("[data-fields]") && !one.form;
  const textOf = (one) => (one.type === "checkbox" ? (one.checked ? "true" : "") : one.value);
  const field = (name) => root.querySelector(`[data-fields] [name="${CSS.escape(name)}"]`);
  const lines = (list) => [
    ...root.querySelectorAll(`[data-list="${CSS.escape(list)}"] [data-entry]`),
  ];
  const lasting = (name) => {
    const line = field(name)?.closest("[data-entry]");
    if (!line) return name;
    const [list, , part] = name.split(".");
    return `${list}.#${lines(list).indexOf(line)}.${part}`;
  };
  const found = (name) => {
    const [list, at, part] = name.split(".");
    if (!at?.startsWith("#")) return field(name);
    return lines(list)[Number(at.slice(1))]?.querySelector(`[name$=".${CSS.escape(part)}"]`);
  };
  const setValue = (one, text) => {
    if (one.type === "checkbox") {
      if (one.checked !== (text === "true")) one.click();
      return;
    }
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(one), "value").set.call(one, text);
    one.dispatchEvent(new Event(one.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
  };

  const say = (text, tone = "") => {
    const status = root.querySelector("[data-keeping-status]");
    if (!status) return;
    if (status.textContent !== text) status.textContent = text;
    status.dataset.tone = tone;
  };
  const store = () => {
    try {
      if (!typed.size) return localStorage.removeItem(place());
      for (const name of typed.keys()) if (field(name)) places.set(name, lasting(name));
      const changes = Object.fromEntries(
        [...typed].map(([name, text]) => [places.get(name) ?? name, text]),
      );
      localStorage.setItem(place(), JSON.stringify({ version: base, at: since, changes }));
    } catch {
      // Full or forbidden: the words are still on the page, and are saved from there.
    }
  };
  const stored = () => {
    const read = (name) => {
      try {
        const words = JSON.parse(localStorage.getItem(name));
        return words && typeof words.changes === "object" ? { ...words, name } : null;
      } catch {
        return null;
      }
    };
    const own = read(place());
    if (own) return own;
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(place("")))
      .map(read)
      .filter((words) => words && Date.now() - words.at > LEFT_BEHIND)
      .sort((a, b) => b.at - a.at)[0];
  };

  const deliver = (version, load, changes) => {
    seq += 1;
    sent.set(seq, changes);
    const { subject, onKeep } = keeper.props;
    onKeep(JSON.stringify({ seq, package: subject, load, version, changes }));
    clearTimeout(patience);
    patience = setTimeout(noAnswer, waiting);
  };
  const send = (always = false) => {
    clearTimeout(quiet);
    if (!unsent.size && !always) return;
    const changes = Object.fromEntries([...unsent].map((name) => [name, typed.get(name)]));
    unsent.clear();
    if (navigator.onLine) say("Saving…");
    else lost();
    deliver(keeper.props.version, keeper.props.load, changes);
  };
  const lost = () =>
    say("Not saved: no connection. Your words are kept in this browser.", "problem");
  // Everything is sent once more: saving the same words twice changes nothing.
  const noAnswer = () => {
    if (!sent.size) return;
    lost();
    waiting = Math.min(waiting * 2, LONGEST_PATIENCE);
    const names = new Set([...sent.values()].flatMap((changes) => Object.keys(changes)));
    const changes = {};
    for (const name of names) if (typed.has(name)) changes[name] = typed.get(name);
    deliver(keeper.props.version, keeper.props.load, changes);
  };
  const note = (one) => {
    if (!typed.size) base = keeper.props.version;
    typed.set(one.name, textOf(one));
    unsent.add(one.name);
    since = Date.now();
    store();
    if (navigator.onLine) say("Saving…");
    clearTimeout(quiet);
    quiet = setTimeout(send, QUIET);
  };
  const forget = () => {
    typed = new Map();
    unsent = new Set();
    sent = new Map();
    clearTimeout(quiet);
    clearTimeout(patience);
  };

  const take = ({ version, at, changes }) => {
    since = at;
    if (version !== keeper.props.version) {
      // The package has moved on: both sides are shown before anything is written.
      base = version;
      for (const [name, text] of Object.entries(changes)) typed.set(name, text);
      return deliver(version, "", changes);
    }
    for (const [name, text] of Object.entries(changes)) {
      const one = found(name);
      if (one) setValue(one, text);
    }
    send();
  };
  const offer = (words) => {
    const box = root.querySelector("[data-keeping-offer]");
    if (!box) return;
    box.hidden = !words;
    if (!words) return;
    box.querySelector("p").textContent = `You have unsaved words from ${clock(words.at)}.`;
    const [use, discard] = box.querySelectorAll("button");
    use.onclick = () => {
      box.hidden = true;
      if (words.name !== place()) localStorage.removeItem(words.name);
      take(words);
    };
    discard.onclick = () => {
      box.hidden = true;
      localStorage.removeItem(words.name);
    };
  };

  // The fields were filled: for the first time, or anew because the server had to.
  keeper.filled = () => {
    const { subject, settled } = keeper.props;
    const here = shown === subject;
    const words = stored();
    const live = here && typed.size > 0;
    shown = subject;
    forget();
    if (here && settled) {
      localStorage.removeItem(place());
      say(`Saved ${clock(Date.now())}`);
    } else if (live && words) take(words);
    else if (!here || words || keeper.props.outcome !== "saved") {
      say("");
      offer(words);
    }
    const one = here && document.activeElement === document.body && last && found(last);
    if (one) {
      one.focus({ preventScroll: true });
      if (typeof one.selectionStart === "number") one.selectionStart = one.value.length;
    }
  };
  keeper.answered = () => {
    const { acked, outcome, message, unsaved } = keeper.props;
    const wrong = new Set(unsaved.split(" "));
    const part = (name) => (name.startsWith("room_") ? "occupancy_prices" : name.split(".")[0]);
    for (const [number, changes] of sent) {
      if (number > acked) continue;
      sent.delete(number);
      if (outcome === "clash" || outcome === "failed") continue;
      for (const [name, text] of Object.entries(changes))
        if (typed.get(name) === text && !wrong.has(part(name))) typed.delete(name);
    }
    if (outcome !== "clash" && outcome !== "failed") base = keeper.props.version;
    if (!sent.size) {
      clearTimeout(patience);
      waiting = PATIENCE;
    }
    store();
    if (sent.size || unsent.size) return;
    const saved = `Saved ${clock(Date.now())}`;
    const said = {
      saved: [saved],
      same: [saved],
      partly: [`${saved}, except what is marked`, "problem"],
      refused: ["Not saved: see what is marked", "problem"],
      clash: ["Not saved: this package was changed elsewhere", "problem"],
    };
    say(...(said[outcome] ?? [`Not saved: ${message}`, "problem"]));
  };
  // A line that was moved loses the focus; whoever moves it by its buttons wants to go on.
  keeper.refocus = () => {
    if (!held || document.activeElement !== document.body) return;
    root.querySelector(`[data-entry="${CSS.escape(held[0])}"] [data-move="${held[1]}"]`)?.focus();
  };

  const listeners = {
    input: (event) => isField(event.target) && note(event.target),
    change: (event) => {
      if (!isField(event.target)) return;
      if (event.target.matches("select, [type=checkbox]")) note(event.target);
      send();
    },
    focusin: (event) => {
      const button = event.target.closest("[data-move]");
      const line = button?.closest("[data-entry]");
      held = line ? [line.dataset.entry, button.dataset.move] : null;
      last = isField(event.target) ? lasting(event.target.name) : "";
    },
    focusout: (event) => {
      if (unsent.has(event.target.name)) send();
      // What is chosen from a list: other words in its field mean nothing.
      const chosen = event.target.closest("[data-chosen]");
      if (chosen && !chosen.contains(event.relatedTarget))
        chosen.querySelector('[role="combobox"]').value = chosen.dataset.chosen;
    },
    click: (event) => event.target.closest("[data-keeping-save]") && send(true),
  };
  const outside = {
    offline: () => typed.size && lost(),
    online: () => {
      waiting = PATIENCE;
      noAnswer();
    },
    pagehide: () => send(),
  };
  keeper.start = () => {
    for (const [name, run] of Object.entries(listeners)) root.addEventListener(name, run);
    for (const [name, run] of Object.entries(outside)) window.addEventListener(name, run);
  };
  keeper.stop = () => {
    send();
    clearTimeout(patience);
    for (const [name, run] of Object.entries(listeners)) root.removeEventListener(name, run);
    for (const [name, run] of Object.entries(outside)) window.removeEventListener(name, run);
  };
  return keeper;
};

function EcosystemKeeping({ className, children, ...props }) {
  const root = useRef(null);
  const keeper = useRef(null);
  useEffect(() => {
    keeper.current = ecosystemKeeper(root.current);
    keeper.current.start();
    return () => keeper.current.stop();
  }, []);
  useEffect(() => {
    keeper.current.props = props;
  });
  // What was saved is known before fields that are drawn anew get what was not.
  useEffect(() => {
    if (props.done) keeper.current.answered();
  }, [props.done]);
  useEffect(() => {
    if (props.load) keeper.current.filled();
  }, [props.load]);
  useEffect(() => keeper.current.refocus());
  return jsx("div", { ref: root, className }, children);
}
"""


class Keeping(Component):
    """The script above as a component; see :func:`keeping`."""

    tag = "EcosystemKeeping"

    subject: rx.Var[str] = prop(doc="The id of what is edited.")
    load: rx.Var[str] = prop(doc="Names one filling of the fields.")
    version: rx.Var[int] = prop(doc="The version that is stored, as far as the page knows.")
    acked: rx.Var[int] = prop(doc="The last batch that was dealt with.")
    done: rx.Var[int] = prop(doc="Counts what was saved or refused.")
    outcome: rx.Var[str] = prop(doc="saved, same, partly, refused, clash or failed.")
    message: rx.Var[str] = prop(doc="Why it failed.")
    unsaved: rx.Var[str] = prop(doc="The parts that could not be saved, separated by spaces.")
    settled: rx.Var[bool] = prop(doc="Whether this load decided about words that were unsaved.")
    on_keep: rx.EventHandler[passthrough_event_spec(str)] = prop(doc="Gets a batch as JSON.")

    def add_imports(self) -> dict[str, list[ImportVar]]:  # type: ignore[override]
        """What the script needs of React."""
        return {
            "react": [ImportVar(name) for name in ("useEffect", "useRef")],
            "@emotion/react": [ImportVar("jsx")],
        }

    def add_custom_code(self) -> list[str]:
        """The script, once a page."""
        return [SCRIPT]


def keeping(*children: Child, on_keep: Any, extra: str = "", **props: Any) -> rx.Component:
    """Draw what stands around fields that save themselves.

    Args:
        children: anything; fields count inside an element with ``data-fields``, lists inside
            ``data-list`` with their lines as ``data-entry``.
        on_keep: handler for a batch of changed fields.
        extra: more class names, for its place.
        props: the fields of ``Keeping``: ``subject load version acked done outcome message
            unsaved settled``.
    """
    return Keeping.create(*children, on_keep=on_keep, class_name=extra, **props)


def keeping_status(extra: str = "") -> rx.Component:
    """Draw whether everything is saved: "Saved 14:02", "Saving…", "Not saved: …"."""
    return rx.el.p(
        role="status",
        class_name="truncate text-md text-soft data-[tone=problem]:font-strong "
        f"data-[tone=problem]:whitespace-normal data-[tone=problem]:text-bad {extra}",
        custom_attrs={"data-keeping-status": ""},
    )


def keeping_save(kind: Kind = "plain") -> rx.Component:
    """Draw the button that saves at once."""
    return button("Save", kind=kind, custom_attrs={"data-keeping-save": ""})


def keeping_offer() -> rx.Component:
    """Draw the offer of words that were typed in this browser and never saved; hidden else."""
    return rx.el.div(
        rx.el.p(class_name="min-w-0 flex-[1_1_18rem]"),
        rx.el.div(button("Use them"), button("Discard", kind="quiet"), class_name="flex gap-2"),
        hidden=True,
        role="status",
        class_name="flex flex-wrap items-center justify-between gap-4 rounded-lg border "
        "border-warn/40 bg-warn-soft px-5 py-4 [&[hidden]]:hidden",
        custom_attrs={"data-keeping-offer": ""},
    )
