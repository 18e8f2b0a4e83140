"""What keeps numbers on an open page current."""

from typing import Any

import reflex as rx


def refreshed(handler: Any, every: int) -> rx.Component:
    """Run ``handler`` each ``every`` seconds while the page is in front of somebody.

    A hidden tab asks for nothing; when it is shown again, it asks at once.
    """
    return rx.el.button(
        type="button",
        hidden=True,
        on_click=handler,
        tab_index=-1,
        custom_attrs={"data-every": str(every), "aria-hidden": "true"},
    )
