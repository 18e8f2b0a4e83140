"""Every part in every state, for the people who build pages. Local stacks only."""

import reflex as rx

from ecosystem.pages.components.surfaces import heading, page_header
from ecosystem.pages.gallery.choosing import forms, pickers
from ecosystem.pages.gallery.showing import numbers, states, surfaces, tables
from ecosystem.pages.layout import work_page


def page() -> rx.Component:
    """Draw the gallery."""
    sections = (
        ("Buttons, badges, chips", surfaces()),
        ("Figures", numbers()),
        ("Tables", tables()),
        ("Fields", forms()),
        ("Choosing", pickers()),
        ("Failed, coming", states()),
    )
    return work_page(
        page_header("Parts", above="Local only", below="Each part in each of its states."),
        *(
            rx.el.section(heading(title, "mb-4"), content, class_name="mt-10")
            for title, content in sections
        ),
        area="agent",
        current="/agent",
        foot="Maple Travel · agent",
        counts={"/agent": "6", "/agent/quotes": "4"},
    )
