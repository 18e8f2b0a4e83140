"""The environment is read in one place, so that every setting is known and documented."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "ecosystem"

ALLOWED = {
    "settings.py": "reads every setting (through pydantic-settings)",
    "local/processes.py": "hands the parent's environment to the parts of the embedded stack",
}
READERS = {"environ", "environb", "getenv", "getenvb"}


def reads_of_the_environment(source: str) -> list[int]:
    """Lines that use ``os.environ`` or ``os.getenv``, however they were imported."""
    if not any(name in source for name in READERS):
        return []
    lines: list[int] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in READERS:
            if isinstance(node.value, ast.Name) and node.value.id == "os":
                lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            lines += [node.lineno for name in node.names if name.name in READERS]
    return lines


def test_only_the_documented_places_read_the_environment() -> None:
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in ALLOWED
        for line in reads_of_the_environment(path.read_text(encoding="utf-8"))
    }
    assert not found, f"read settings.Settings instead: {', '.join(sorted(found))}"


@pytest.mark.parametrize(
    "source",
    ["import os\nos.environ['A']", "import os\nos.getenv('A')", "from os import environ"],
)
def test_the_check_sees_a_read(source: str) -> None:
    assert reads_of_the_environment(source)
