"""Descriptions become HTML in which nothing runs and nothing loads."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain import markdown
from ecosystem.domain.markdown import LONGEST, is_quick, to_html

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


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 20_000, "![" * 10_000, "[a](b" * 4_000, "[" * 9_999 + "a" + "]" * 9_999,
        "a**b" * 5_000, "*_" * 10_000, "`" * 20_000, "<http://a>" * 2_000, "&amp;" * 4_000,
        ">" * 20_000, "- " * 10_000, "1. " * 6_000, "> - " * 5_000, "\\" * 20_000,
        ">" * 90 + "a\n" + "b\n" * 9_000, "a\r" * 10_000, "- a\n" * 5_000,
    ],
    ids=lambda bomb: ascii(bomb[:6]).replace("[", "(").replace("]", ")"),
)  # fmt: skip
def test_what_would_take_long_is_not_parsed(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(_: str) -> str:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(markdown._markdown, "render", parsed)
    html = to_html(bomb)
    assert html.startswith("<p>")
    harmless(html)


def test_it_is_shown_as_it_was_typed() -> None:
    typed = "[" * 1_000 + "\n\n<b>**x**</b>\n \nlast"
    assert to_html(typed) == (
        f"<p>{'[' * 1_000}</p>\n<p>&lt;b&gt;**x**&lt;/b&gt;</p>\n<p>last</p>\n"
    )


def test_a_long_description_is_still_markdown() -> None:
    day = "## Day {n}\n\nBy **train** to [Como](https://como.example), _slowly_.\n\n- one\n  - two\n\n"
    assert is_quick("".join(day.format(n=n) for n in range(80)))


def test_nothing_beyond_the_longest_description_is_shown() -> None:
    assert to_html("a" * (LONGEST + 5)) == f"<p>{'a' * LONGEST}</p>\n"
