"""The ``<head>`` of a page as text: title, description, address, Open Graph and JSON-LD.

Everything in it was typed by somebody: attributes are escaped for HTML, JSON-LD so that nothing
can end its block. https://schema.org/Product, https://schema.org/TouristTrip
"""

import json
import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

NAME = "Ecosystem"
LONGEST_DESCRIPTION = 160
"""Characters: what results pages show of one."""

_BODY = re.compile(r"\s*<body[^>]*>")
_IN_A_SCRIPT = str.maketrans({c: f"\\u{ord(c):04x}" for c in ("<", ">", "&", "\u2028", "\u2029")})


@dataclass(frozen=True)
class Head:
    """What a page says of itself. Addresses are absolute; ``data`` becomes JSON-LD blocks."""

    title: str
    description: str
    url: str
    image: str = ""
    kind: str = "website"
    locale: str = "en_GB"
    data: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    def html(self) -> str:
        """The elements to put into ``<head>``."""
        title, description = one_line(self.title), shortened(self.description)
        whole = f"{title} · {NAME}"
        metas = {
            ("name", "description"): description,
            ("property", "og:site_name"): NAME,
            ("property", "og:type"): self.kind,
            ("property", "og:title"): title,
            ("property", "og:description"): description,
            ("property", "og:url"): self.url,
            ("property", "og:locale"): self.locale,
            ("property", "og:image"): self.image,
            ("name", "twitter:card"): "summary_large_image" if self.image else "summary",
        }
        parts = [
            f"<title>{escape(whole)}</title>",
            f'<link rel="canonical" href="{escape(self.url)}"/>',
            *(
                f'<meta {kind}="{name}" content="{escape(content)}"/>'
                for (kind, name), content in metas.items()
                if content
            ),
            *(
                f'<script type="application/ld+json">{json_in_html(item)}</script>'
                for item in self.data
            ),
        ]
        return "".join(parts)


def json_in_html(item: dict[str, Any]) -> str:
    """JSON that can stand in a ``<script>``: no ``</``, no line separator of JavaScript's."""
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).translate(_IN_A_SCRIPT)


def one_line(text: str) -> str:
    """Without line breaks, tabs and what else nobody sees."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shortened(text: str, most: int = LONGEST_DESCRIPTION) -> str:
    """One line of at most ``most`` characters, cut between words."""
    line = one_line(text)
    if len(line) <= most:
        return line
    return line[: most - 1].rpartition(" ")[0].rstrip(" ,.;:–-") + "…"


def in_page(shell: str, head: Head, ahead: str = "") -> str:
    """The page's HTML with the head in it and ``ahead`` first in its body."""
    before, end, after = shell.partition("</head>")
    body = _BODY.match(after)
    if body is None:
        raise ValueError("the compiled page has no head and body")
    rest = after[body.end() :]
    return f"{before}{head.html()}{end}{body.group()}{ahead}{rest}"
