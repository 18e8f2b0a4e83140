"""Operators' descriptions: CommonMark to HTML that is safe to put into a page.

Whoever writes is not trusted. HTML in the text is shown as text, pictures are left out (a page
loads nothing from elsewhere), and a link leads only to a web page or an e-mail address. Headings
begin at the third level: the page has its own first and second.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

REL = "nofollow ugc noopener noreferrer"
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_TOP = 3


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


@lru_cache(maxsize=512)
def to_html(text: str) -> str:
    """``text`` as HTML: paragraphs, lists, headings ``h3`` to ``h6``, emphasis, links, quotes.

    Never raises; what is not Markdown is text.
    """
    return _markdown.render(text)
