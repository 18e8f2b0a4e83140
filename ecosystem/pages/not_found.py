"""The page for an address that leads nowhere."""

import reflex as rx


def page() -> rx.Component:
    """Draw the page."""
    return rx.el.main(rx.el.h1("There is no page at this address", class_name="font-serif text-h1"))
