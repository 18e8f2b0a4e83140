"""Operators' descriptions: CommonMark to HTML that is safe to put into a page.

Whoever writes is not trusted. HTML in the text is shown as text, pictures are left out (a page
loads nothing from elsewhere), and a link leads only to a web page or an e-mail address. Headings
begin at the third level: the page has its own first and second.

A parser looks ahead from every bracket and asterisk, so marks without end cost much more than
words do. A text with more marks than any description has is shown as it was typed.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

REL = "nofollow ugc noopener noreferrer"
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_TOP = 3

LONGEST = 20_000
"""Characters: the longest description there can be."""
_MOST_LINES = 600
_MOST_MARKS = {
    "[": 300,
    "]": 300,
    "*": 1_000,
    "_": 1_000,
    "`": 600,
    "<": 600,
    "&": 1_000,
    "!": 1_000,
}
"""How often each may stand in a text that is parsed."""
_MOST_ESCAPES = 2_000
# A quote or list inside four others; every line after it is looked at once for each of them.
_NESTED = re.compile(r"^[ \t]*(?:(?:>|[-+*][ \t]|[0-9]{1,9}[.)][ \t])[ \t]*){5}", re.MULTILINE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


class _Renderer(RendererHTML):
    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<{_lower(tokens[idx].tag)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"</{_lower(tokens[idx].tag)}>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        tokens[idx].attrSet("rel", REL)
        return self.renderToken(tokens, idx, options, env)


def _lower(tag: str) -> str:
    return f"h{min(int(tag[1]) + _TOP - 1, 6)}"


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return _LINK.fullmatch(url) is not None


_markdown = _Markdown("commonmark", {"html": False}, renderer_cls=_Renderer).disable("image")


def to_html(text: str) -> str:
    """``text`` as HTML: paragraphs, lists, headings ``h3`` to ``h6``, emphasis, links, quotes.

    Never raises; what is not Markdown is text. What is longer than ``LONGEST`` is cut, and a
    text that would take long to parse becomes paragraphs of what was typed.
    """
    return _made(text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=512)
def _made(text: str) -> str:
    return _markdown.render(text) if is_quick(text) else _as_typed(text)


def is_quick(text: str) -> bool:
    """Whether a text has no more marks and lines than somebody writes by hand."""
    return (
        text.count("\n") <= _MOST_LINES
        and text.count("\\") <= _MOST_ESCAPES
        and all(text.count(mark) <= most for mark, most in _MOST_MARKS.items())
        and _NESTED.search(text) is None
    )


def _as_typed(text: str) -> str:
    parts = (part.strip() for part in _PARAGRAPHS.split(text))
    return "".join(f"<p>{escape(part)}</p>\n" for part in parts if part)
