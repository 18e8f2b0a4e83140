"""What operators wrote as Markdown, as everybody reads it."""

from typing import Any

import reflex as rx


def rich_text(html: rx.Var[Any], extra: str = "") -> rx.Component:
    """Draw HTML that ``domain.markdown.to_html`` made; nothing else may be passed."""
    return rx.html(html, class_name=f"rich min-w-0 break-words {extra}".rstrip())
