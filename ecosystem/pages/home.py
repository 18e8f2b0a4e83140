"""The first page: what this is, and where to begin."""

import reflex as rx


def page() -> rx.Component:
    """Draw the home page."""
    return rx.el.main(
        rx.el.h1("Trips with more than one good city", class_name="font-serif text-hero"),
        class_name="mx-auto max-w-[1200px] px-8 py-12",
    )
