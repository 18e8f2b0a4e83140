"""An import that somebody waits for at a terminal, and its report in lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid
from ecosystem.services.catalogue import Catalogue
from ecosystem.services.forms import parse
from ecosystem.services.imports.desk import FileForm, Imports, ImportView
from ecosystem.services.imports.reading import MOST_BYTES, Format, too_large

PAGE = 500
TOLD = ("create", "change", "same", "wrong", "done", "failed")
LONG = 500
"""Records of a file that somebody wants to hear about on the way."""


@dataclass(frozen=True)
class CommandReport:
    """``right`` is false when a record is wrong or could not be carried out."""

    lines: tuple[str, ...]
    right: bool


def import_file(
    catalogue: Catalogue,
    imports: Imports,
    what: str,
    file: Path,
    operator: str,
    dry_run: bool,
    tell: Callable[[str], None] = lambda _: None,
) -> CommandReport:
    """Check a file, carry it out unless it is a ``dry_run``, and say what became of each record.

    ``tell`` hears of each tenth of a long file. Interrupted (Ctrl-C), the import is cancelled
    between two records: what is done stays.

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
    try:
        found = _carried_out(imports, actor, sent.id, dry_run, _Progress(tell))
    except KeyboardInterrupt:
        imports.cancel(actor, sent.id)
        imports.finish(actor, sent.id, until="cancelled")
        raise
    counts = found.counts
    total = ", ".join(f"{name} {counts[name]}" for name in TOLD if counts.get(name))
    lines = (
        *_lines(imports, actor, found.id),
        f"{found.total} {'record' if found.total == 1 else 'records'}: {total}",
    )
    return CommandReport(lines, not counts.get("wrong", 0) and not counts.get("failed", 0))


def _carried_out(
    imports: Imports, actor: Actor, import_id: UUID, dry_run: bool, tell: "_Progress"
) -> ImportView:
    found = imports.finish(actor, import_id, until="checked", tell=tell)
    if found.state == "failed":
        raise Invalid(found.problem, code="unreadable_file")
    if dry_run:
        imports.cancel(actor, import_id)
    elif found.counts.get("create", 0) + found.counts.get("change", 0):
        imports.run(actor, import_id)
        found = imports.finish(actor, import_id, until="done", tell=tell)
    return found


class _Progress:
    """Says how far a long import is, each tenth once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said = ("", 0)

    def __call__(self, now: ImportView) -> None:
        if now.state not in ("checking", "running") or now.to_do < LONG:
            return
        reached = (now.state, 10 * now.done // now.to_do)
        if reached[1] and reached != self._said:
            self._said = reached
            verb = "carried out" if now.state == "running" else "looked at"
            self._say(f"{now.done:,} of {now.to_do:,} records {verb}")


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
