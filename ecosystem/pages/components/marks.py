"""Small line drawings. They say nothing a reader of words misses, so they are hidden from those."""

from typing import Literal

import reflex as rx

Mark = Literal[
    "menu",
    "close",
    "down",
    "right",
    "left",
    "check",
    "sun",
    "moon",
    "search",
    "person",
    "globe",
    "heart",
    "compare",
    "up",
    "bold",
    "italic",
    "heading",
    "list",
    "link",
    "pen",
]

PATHS: dict[str, str] = {
    "menu": "M4 7h16M4 12h16M4 17h16",
    "close": "M6 6l12 12M18 6L6 18",
    "down": "M6 9l6 6 6-6",
    "up": "M6 15l6-6 6 6",
    "bold": "M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z",
    "italic": "M10 5h7M7 19h7M14 5l-4 14",
    "heading": "M6 5v14M18 5v14M6 12h12",
    "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "link": "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7"
    " 5.7L12 17",
    "pen": "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM13.5 7l3.5 3.5",
    "right": "M9 6l6 6-6 6",
    "left": "M15 6l-6 6 6 6",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4"
    "M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
    "moon": "M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z",
    "search": "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M20 20l-4-4",
    "heart": "M12 20.2C7.2 16.4 3.8 13.2 3.8 9.3a4.4 4.4 0 0 1 8.2-2.2 4.4 4.4 0 0 1 8.2 2.2"
    "c0 3.9-3.4 7.1-8.2 10.9z",
    "compare": "M8 4v16M16 4v16M4.5 7H8M16 7h3.5M4.5 12H8M16 12h3.5M4.5 17H8M16 17h3.5",
    "globe": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c2.5 2.6 3.8 5.6 3.8 9s-1.3 6.4-3.8 9"
    "M12 3c-2.5 2.6-3.8 5.6-3.8 9s1.3 6.4 3.8 9",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20a7.5 7.5 0 0 1 15 0",
}


def mark(name: Mark, size: int = 18, class_name: str = "") -> rx.Component:
    """Draw a mark of ``size`` pixels in the colour of the text around it."""
    return rx.el.svg(
        rx.el.path(d=PATHS[name]),
        view_box="0 0 24 24",
        width=str(size),
        height=str(size),
        class_name=f"shrink-0 {class_name}",
        custom_attrs={
            "fill": "none",
            "stroke": "currentColor",
            "strokeWidth": "1.75",
            "strokeLinecap": "round",
            "strokeLinejoin": "round",
            "aria-hidden": "true",
        },
    )
