"""What stands in every page's ``<head>``: typefaces ahead of need, icon, theme colours."""

import reflex as rx

NAME = "Ecosystem"

FONTS = ("/fonts/inter-latin.woff2", "/fonts/instrument-serif-latin.woff2")

PAPER = {"light": "#fbfaf7", "dark": "#101617"}
"""``--paper`` of theme.css: the browser draws its own frame in it before any style loads."""


def head() -> list[rx.Component]:
    """Return the head elements that all pages share."""
    return [
        *(
            rx.el.link(
                rel="preload",
                href=font,
                type="font/woff2",
                cross_origin="anonymous",
                custom_attrs={"as": "font"},
            )
            for font in FONTS
        ),
        rx.el.link(rel="icon", href="/icon.svg", type="image/svg+xml"),
        *(
            rx.el.meta(
                name="theme-color",
                content=colour,
                custom_attrs={"media": f"(prefers-color-scheme: {scheme})"},
            )
            for scheme, colour in PAPER.items()
        ),
        rx.el.script(src="/parts.js", defer=True),
        rx.el.script(src="/time.js", defer=True),
    ]


def there(content: rx.Component) -> rx.Component:
    """Say that the page is there: what the server drew ahead of it is taken away (parts.js)."""
    return rx.el.div(content, custom_attrs={"data-there": ""})
