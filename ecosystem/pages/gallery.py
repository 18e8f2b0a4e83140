"""Every part in every state, for the people who build pages. Local stacks only."""

import reflex as rx


def page() -> rx.Component:
    """Draw the gallery."""
    return rx.el.main(rx.el.h1("Parts", class_name="font-serif text-h1"))
