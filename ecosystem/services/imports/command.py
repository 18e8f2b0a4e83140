"""An import that somebody waits for at a terminal, and its report in lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.forms import parse
from ecosystem.services.imports.desk import FileForm, Imports
from ecosystem.services.imports.reading import MOST_BYTES, Format, too_large

PAGE = 500


@dataclass(frozen=True)
class CommandReport:
    """``right`` is false when a record is wrong or could not be carried out."""

    lines: tuple[str, ...]
    right: bool


def import_file(
    catalogue: Catalogue, imports: Imports, what: str, file: Path, operator: str, dry_run: bool
) -> CommandReport:
    """Check a file, carry it out unless it is a ``dry_run``, and say what became of each record.

    Raises:
        NotFound: there is no such operator.
        Invalid: the file can't be read.
    """
    owner = catalogue.operator(operator)
    actor = Actor(
        role="provider",
        source="supabase",
        name="Command line",
        operator_id=owner.id,
        operator_role="owner",
    )
    ending: Format = "json" if file.suffix.lower() == ".json" else "csv"
    if file.stat().st_size > MOST_BYTES[ending]:
        raise too_large(file.stat().st_size, ending)
    form = parse(FileForm, {"what": what, "format": ending, "file_name": file.name})
    sent = imports.put(actor, form, file.read_bytes())
    found = imports.finish(actor, sent.id, until="checked")
    if found.state == "failed":
        raise Invalid(found.problem, code="unreadable_file")
    if dry_run:
        imports.cancel(actor, found.id)
    elif found.counts.get("create", 0) + found.counts.get("change", 0):
        imports.run(actor, found.id)
        found = imports.finish(actor, found.id, until="done")
    counts = found.counts
    total = ", ".join(f"{name} {n}" for name, n in counts.items() if n)
    lines = (*_lines(imports, actor, found.id), f"{found.total} records: {total}")
    return CommandReport(lines, not counts.get("wrong", 0) and not counts.get("failed", 0))


def _lines(imports: Imports, actor: Actor, import_id: UUID) -> Iterator[str]:
    offset = 0
    while page := imports.report(actor, import_id, offset=offset, limit=PAGE):
        for line in page:
            yield f"{line.line:>6}  {line.outcome:<7} {line.subject}"
            for item in line.messages:
                words = " ".join(item.message.split())
                yield (
                    f"                {item.field}: {words}"
                    if item.field
                    else f"                {words}"
                )
        offset += len(page)
