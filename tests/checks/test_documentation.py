"""The documents name every setting, command and error code, and nothing that does not exist."""

import re
from pathlib import Path
from typing import Any

import typer

from ecosystem.cli import app
from ecosystem.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_every_setting_is_explained_and_none_is_invented() -> None:
    text = (DOCS / "settings.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", " ".join(rows)))
    assert named == {name.upper() for name in Settings.model_fields}


def _commands(command: Any, before: str = "") -> set[str]:
    found: set[str] = set()
    for name, child in getattr(command, "commands", {}).items():
        whole = f"{before}{name}"
        found |= _commands(child, f"{whole} ") or {whole}
    return found


def test_every_command_is_explained_and_none_is_invented() -> None:
    text = (DOCS / "commands.md").read_text()
    named = set(re.findall(r"^\| `ecosystem ([a-z]+(?: [a-z]+){0,2})", text, re.MULTILINE))
    assert named == _commands(typer.main.get_command(app))


def test_every_error_code_is_explained_and_none_is_invented() -> None:
    used = {"internal_error", "http_error", "invalid_json", "method_not_allowed"}
    folders = ("services", "api", "domain", "database", "adapters")
    for folder in folders:
        for file in (ROOT / "ecosystem" / folder).rglob("*.py"):
            used |= set(re.findall(r'code="([a-z_]+)"', file.read_text()))
    errors = (ROOT / "ecosystem" / "domain" / "errors.py").read_text()
    used |= set(re.findall(r'category = "([a-z_]+)"', errors)) - {"error"}
    rows = re.findall(r"^\| \S+ \|([^|]+)\|", (DOCS / "api.md").read_text(), re.MULTILINE)
    named = set(re.findall(r"`([a-z_]+)`", " ".join(rows)))
    assert named == used


def test_every_decision_has_its_number() -> None:
    numbers = sorted(int(file.name[:4]) for file in (DOCS / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_links_between_documents_lead_somewhere() -> None:
    for file in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"
