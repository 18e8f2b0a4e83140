"""Descriptions become HTML in which nothing runs and nothing loads."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.markdown import to_html

TAGS = {
    "p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "a", "blockquote", "code",
    "pre", "hr", "br",
}  # fmt: skip


def test_what_people_write() -> None:
    html = to_html("# One\n\n## Two\n\n**bold** [us](https://example.com/a?b=1)\n\n- x\n- y")
    assert "<h3>One</h3>" in html
    assert "<h4>Two</h4>" in html
    assert '<a href="https://example.com/a?b=1" rel="nofollow ugc noopener noreferrer">' in html
    assert html.count("<li>") == 2


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))", "<javascript:alert(1)>",
        "[x](//evil.example)", "[x](/sign-out)", "[x](data:text/html,x)", "![x](https://e.example/p.png)",
        "[r]\n\n[r]: javascript:alert(1)", '[x](https://a.example"onclick=alert(1))',
        "```\"><script>\nx\n```", "<https://a.example/\"onmouseover=alert(1)>",
    ],
)  # fmt: skip
def test_nothing_runs(text: str) -> None:
    harmless(to_html(text))


@given(st.text(alphabet="<>[]()!`*_#&;:/\"'\\\n -=jsa1\u200b", max_size=80))
def test_nothing_runs_whatever_is_typed(text: str) -> None:
    harmless(to_html(text))


def harmless(html: str) -> None:
    for closing, name, rest in re.findall(r"<(/?)([a-z0-9]+)([^>]*)>", html):
        assert name in TAGS, html
        if name == "a" and not closing:
            assert re.fullmatch(
                r' href="(https?://|mailto:)[^"<>]*"( title="[^"<>]*")? rel="[a-z ]+"', rest
            ), html
        elif name in ("code", "ol"):
            assert re.fullmatch(r'( class="[^"<>]*"| start="\d+")?', rest), html
        else:
            assert rest.strip(" /") == "", html


def test_a_bomb_takes_no_time() -> None:
    began = time.perf_counter()
    for bomb in ("[" * 20_000, "![[" * 6_000, "a**b" * 5_000, ">" * 20_000, "- " * 10_000):
        to_html(bomb)
    assert time.perf_counter() - began < 10
