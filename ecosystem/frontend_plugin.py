"""The few places where the compiled pages differ from what Reflex writes.

Reflex compiles the address of its server into the pages and runs events through ``eval``.
Here one build serves any number of stacks on any port, under a content security policy
without ``unsafe-eval``; so the client asks the page's own origin, and a message that the
server wants shown (``state/toast.py``) arrives as data instead of as script.

Each change replaces an exact text of the pinned Reflex version. A version that no longer
has this text fails the build here, with a name, rather than a browser later, without one.
"""

from typing import Any

import reflex as rx

STATE_JS = "utils/state.js"

_REFLEX_ADDRESS = """  // Get backend URL object from the endpoint.
  const endpoint = new URL(url_str);
"""

_OWN_ADDRESS = """  // Only the path was compiled in: scheme, host and port are those of this page.
  const endpoint = new URL(url_str);
  if (typeof window !== "undefined") {
    const secure = window.location.protocol === "https:";
    const socket = endpoint.protocol.startsWith("ws");
    endpoint.protocol = socket ? (secure ? "wss:" : "ws:") : window.location.protocol;
    endpoint.hostname = window.location.hostname;
    endpoint.port = window.location.port;
    return endpoint;
  }
"""

_FIRST_EVENT = """  if (event.name == "_redirect") {
"""

_TOAST_EVENT = """  if (event.name == "_toast") {
    const { undo, ...shown } = event.payload;
    const run = undo && (() => addEvents(undo.map((e) => ReflexEvent(e.name, e.payload))));
    window.dispatchEvent(new CustomEvent("ecosystem:toast", { detail: { ...shown, run } }));
    return;
  }

  if (event.name == "_forget_draft") {
    window.dispatchEvent(new CustomEvent("ecosystem:saved", { detail: event.payload }));
    return;
  }

  if (event.name == "_full_load") {
    window.location.assign(event.payload.path);
    return;
  }

  if (event.name == "_take_place") {
    window.location.replace(event.payload.url);
    return;
  }

  if (event.name == "_redirect") {
"""

_BANNER_WORDS = """  banner.append("A new version of this app is available.");
"""

_OWN_BANNER_WORDS = """  // In the reader's language: the page carries these words.
  const words = document.getElementById("toasts")?.dataset ?? {};
  banner.append(words.newer ?? "A new version of this app is available.");
"""

_BANNER_BUTTON = """  button.textContent = "Reload";
"""

_OWN_BANNER_BUTTON = """  button.textContent = words.reload ?? "Reload";
"""

_CHANGES = (
    (_REFLEX_ADDRESS, _OWN_ADDRESS),
    (_FIRST_EVENT, _TOAST_EVENT),
    (_BANNER_WORDS, _OWN_BANNER_WORDS),
    (_BANNER_BUTTON, _OWN_BANNER_BUTTON),
)


class ReflexChangedError(Exception):
    """Reflex's client no longer has the text that this product replaces in it."""


def use_page_origin(source: str) -> str:
    """Return ``utils/state.js`` with our address, toasts and words; applying it twice is safe.

    Raises:
        ReflexChangedError: the text to replace is missing, so Reflex is not the pinned version.
    """
    for theirs, ours in _CHANGES:
        if ours in source:
            continue
        if source.count(theirs) != 1:
            raise ReflexChangedError(
                f"{STATE_JS} of this Reflex version lacks the text to replace: {theirs.strip()!r}"
            )
        source = source.replace(theirs, ours)
    return source


class SameOriginPlugin(rx.plugins.Plugin):
    """Applies ``use_page_origin`` to the client at each compilation."""

    def pre_compile(self, **context: Any) -> None:
        """Register the change with Reflex's compiler."""
        context["add_modify_task"](STATE_JS, use_page_origin)
