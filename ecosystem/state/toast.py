"""Events a handler returns to speak to the browser: a short message, a full page load.

They take the place of ``rx.toast`` and ``rx.call_script``: the page's security policy forbids
``eval``, which both need.
"""

import inspect
from typing import Any, Literal

from reflex.event import EventSpec
from reflex_base.event import Event, server_side

Tone = Literal["done", "plain", "problem"]


def toast(message: str, tone: Tone = "plain", undo: Any = None) -> EventSpec:
    """Show ``message`` for some seconds, longer if it is a problem or can be undone.

    Args:
        message: one plain sentence.
        tone: ``done`` after an action, ``problem`` for a failure, read out at once.
        undo: a handler with its arguments (``MyState.restore(client_id)``) behind an "Undo"
            button. It goes through the guard like any other call.

    Returns:
        An event for a handler to return or yield.
    """
    events = [
        {"name": event.name, "payload": event.payload} for event in Event.from_event_type(undo)
    ]
    return server_side(
        "_toast", inspect.signature(toast), message=message, tone=tone, undo=events or None
    )


def load_page(path: str) -> EventSpec:
    """Open ``path`` with a full page load, as after a change of who is signed in.

    ``rx.redirect`` keeps the page and its socket, and with them the cookies it began with.

    Raises:
        ValueError: ``path`` is not an address on this site.
    """
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise ValueError(f"not a path of this site: {path!r}")
    return server_side("_full_load", inspect.signature(load_page), path=path)
