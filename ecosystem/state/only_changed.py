"""Setting only what differs: a var that is set is sent to the browser, whatever it says."""

from typing import Any

import reflex as rx


def show_changed(state: rx.State, **values: Any) -> None:
    """Set those vars of ``state`` that say something else by now.

    For pages that look again every few seconds: what stands on screen already is neither sent
    nor drawn anew.
    """
    for name, value in values.items():
        if getattr(state, name) != value:
            setattr(state, name, value)
