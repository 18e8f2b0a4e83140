"""A letter as text and as HTML, in the language of the context."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from ecosystem.domain.language import _, language

_ADDRESS = re.compile(r"[/@:\\]|\w{2}\.\w{2}")
"""What addresses of the web and of e-mail have in them; so does a "Dr.Smith", who is not greeted."""


@dataclass(frozen=True)
class Letter:
    """What is said: a subject, paragraphs, facts as a list, and where to go on.

    ``link`` is a label and an address, shown as a button; ``more`` are further ones.
    """

    subject: str
    paragraphs: Sequence[str]
    facts: Sequence[str]
    link: tuple[str, str]
    more: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Brand:
    """Whose letter it is, where it is not ours: a name, a colour that white words can be read on,
    the address of a logo; the latter two may be empty."""

    name: str
    accent: str = ""
    logo: str = ""


OURS = Brand("Ecosystem")
COLOUR = "#0F5B5A"


def as_text(letter: Letter, name: str) -> str:
    links = "\n".join(f"{label}: {address}" for label, address in (letter.link, *letter.more))
    parts = [*_greeting(name), *letter.paragraphs, "\n".join(letter.facts), links]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_html(letter: Letter, name: str, brand: Brand = OURS) -> str:
    colour = escape(brand.accent or COLOUR)
    said = "".join(f"<p>{escape(text)}</p>" for text in (*_greeting(name), *letter.paragraphs))
    rows = "".join(f"<li style='margin:4px 0'>{escape(fact)}</li>" for fact in letter.facts)
    facts = f"<ul style='padding-inline-start:18px'>{rows}</ul>" if rows else ""
    label, address = letter.link
    more = " · ".join(
        f"<a href='{escape(href)}' style='color:{colour}'>{escape(text)}</a>"
        for text, href in letter.more
    )
    return (
        f"<div lang='{language().code}' dir='{language().direction}' "
        "style='font:16px/1.5 system-ui,sans-serif;color:#1A2022;max-width:560px;"
        "margin:0 auto;padding:24px'>"
        f"{_head(brand)}"
        f"{said}{facts}"
        f"<p><a href='{escape(address)}' style='display:inline-block;background:{colour};"
        "color:#fff;padding:10px 18px;border-radius:10px;text-decoration:none'>"
        f"{escape(label)}</a></p>" + (f"<p>{more}</p>" if more else "") + "</div>"
    )


def _head(brand: Brand) -> str:
    name = escape(brand.name)
    if brand.logo:
        return (
            f"<p style='margin:0 0 16px'><img src='{escape(brand.logo)}' alt='{name}' height='48'"
            " style='max-width:240px;background:#fff'></p>"
        )
    return f"<p style='font:28px Georgia,serif;margin:0 0 16px'>{name}</p>"


def _greeting(name: str) -> list[str]:
    """A name that a mail program would make a link of is left out: anybody may book in another's
    name and to her address, and what is written to her must not carry a stranger's link."""
    return [_("Hello {name},").format(name=name)] if name and not _ADDRESS.search(name) else []
