"""Everything a customer reads stands in the catalogue, and German is complete."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ecosystem.domain.language import ENGLISH, LANGUAGES
from scripts.messages import ROOT, catalogue, missing, said

PAGES = ROOT / "ecosystem" / "pages"
DESKS = {
    "agent", "components", "contract_parts.py", "desk_keys.py", "desk_page.py", "gallery", "join.py",
    "ops", "payout_card.py", "provider", "statements.py", "team_parts.py",
}  # fmt: skip
SHARED = re.compile(r"^from ecosystem\.pages\.(layout|components\.\w+) import", re.MULTILINE)


def _with_parts(pages: Sequence[Path]) -> list[Path]:
    """Pages, and everything they are made of."""
    found = list(pages)
    for page in found:
        for name in SHARED.findall(page.read_text()):
            part = PAGES / f"{name.replace('.', '/')}.py"
            if part.is_file() and part not in found:
                found.append(part)
    return found


CUSTOMERS = _with_parts(
    [
        path
        for path in sorted(PAGES.rglob("*.py"))
        if path.relative_to(PAGES).parts[0] not in DESKS and path != PAGES / "__init__.py"
    ]
)
"""The pages of customers and their parts. Work pages, and parts of theirs alone, are in English."""

OTHERS = [code for code in LANGUAGES if code != ENGLISH.code]
NO_WORDS = {
    "action", "aria-current", "aria-describedby", "aria-haspopup", "aria-labelledby",
    "aria-live", "auto_complete", "class_name", "d", "dialog_id", "dir", "extra", "field_id",
    "fill", "href", "html_for", "id", "input_mode", "key", "kind", "lang", "look", "method",
    "name", "rel", "role", "shape", "size", "src", "stroke", "tone", "type", "value", "view_box", "width",
}  # fmt: skip
"""Keywords and attributes whose text nobody reads."""

TRANSLATING = {"_", "N_", "ngettext"}
NAMES = {"Ecosystem"}
_WORDS = re.compile(r"[A-Z][a-z]+(?: |$|[.,:?’'-])|[a-z]{2,} [a-z]{2,}.*[.?:]$|^ ?[a-z]+ $")


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated(code: str) -> None:
    lacking = sorted(missing(code))
    assert not lacking, f"{code}.po lacks {len(lacking)} messages (`make messages`): {lacking}"


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_what_is_said_and_no_more(code: str) -> None:
    words = said()
    unsaid = [message.id for message in catalogue(code) if message.id not in words]
    assert not [text for text in unsaid if text], "run `make messages`"


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_placeholders_of_its_message(code: str) -> None:
    for message in catalogue(code):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set().union(*map(_placeholders, ids))
        for text in filter(None, texts):
            # "One seat" needs no number, where a language says it in a word.
            assert _placeholders(text) | {"count"} == wanted | {"count"}, message.id


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_begins_and_ends_like_its_message(code: str) -> None:
    """Spaces join it to what stands beside it."""
    for message in catalogue(code):
        if isinstance(message.id, str) and message.id and message.string:
            ends = (message.id[0].isspace(), message.id[-1].isspace())
            text = str(message.string)
            assert (text[0].isspace(), text[-1].isspace()) == ends, message.id


def test_messages_are_english() -> None:
    texts = [str(message.id) for message in said()]
    assert not [text for text in texts if re.search(r"[äöüßÄÖÜ]|\b(und|der|die|nicht)\b", text)]


@pytest.mark.parametrize("path", CUSTOMERS, ids=lambda path: path.relative_to(PAGES).as_posix())
def test_no_words_of_a_customers_page_bypass_the_catalogue(path: Path) -> None:
    found = list(_bare_words(ast.parse(path.read_text()), inside=False))
    assert not found, f"{path.name}: {found}"


def test_the_check_sees_bare_words() -> None:
    """The control: without this the test above would be content with anything."""
    page = (
        'def page():\n    return p("Find a trip", _("Trips"), class_name="Flex", label="Pay now.")'
    )
    assert list(_bare_words(ast.parse(page), inside=False)) == [
        "2: 'Find a trip'",
        "2: 'Pay now.'",
    ]


def _placeholders(text: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", str(text)))


def _bare_words(node: ast.AST, *, inside: bool) -> Iterator[str]:
    """Words in functions' calls and returns that no translating call is given."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and _called(child) in TRANSLATING:
            continue
        if isinstance(child, ast.keyword) and child.arg in NO_WORDS:
            continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, (ast.Raise, ast.Compare, ast.Subscript)):
            continue
        if isinstance(child, ast.Dict):
            for key, value in zip(child.keys, child.values, strict=True):
                if not (isinstance(key, ast.Constant) and key.value in NO_WORDS):
                    yield from _bare_words(ast.Expression(value), inside=inside)
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and inside:
            if _WORDS.search(child.value) and child.value not in NAMES and "[" not in child.value:
                yield f"{child.lineno}: {child.value!r}"
            continue
        yield from _bare_words(
            child, inside=inside or isinstance(child, (ast.FunctionDef, ast.Lambda))
        )


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
