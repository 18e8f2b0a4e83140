"""What people see. ``PAGES`` is the whole list: a page is one line here and one file beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from ecosystem.pages import gallery, home, not_found

NAME = "Ecosystem"


@dataclass(frozen=True)
class Page:
    """One address of the product: what it shows, its tab title, what runs when it opens."""

    route: str
    component: Callable[[], rx.Component]
    title: str
    on_load: Any = None


PAGES: tuple[Page, ...] = (
    Page("/", home.page, "Trips with more than one good city"),
    # Compiled with the others, served by local stacks only (static_pages.LOCAL_ONLY_PAGES).
    Page("/_gallery", gallery.page, "Parts"),
    Page("404", not_found.page, "Page not found"),
)


def register(app: rx.App) -> None:
    """Add every page to the app."""
    for page in PAGES:
        app.add_page(
            page.component,
            route=page.route,
            title=f"{page.title} · {NAME}",
            image="/icon.svg",
            on_load=page.on_load,
        )
