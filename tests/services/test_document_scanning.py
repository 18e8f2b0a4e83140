"""What is kept of what people send, and what is not, whatever its name says."""

import io
import resource
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pikepdf
import pytest

from ecosystem.adapters import pdf_look
from ecosystem.adapters.document_scanner import DAMAGED, look
from ecosystem.adapters.guardduty import TAG, GuardDuty
from ecosystem.adapters.signatures import virus_in
from ecosystem.domain.agency_documents import DOCX, LARGEST_BYTES, ODT
from ecosystem.domain.errors import Invalid
from ecosystem.services.agency_documents import sniffing
from ecosystem.services.agency_documents.sniffing import content_type_of
from ecosystem.services.ports import ScanAnswer
from tests.document_files import (
    EICAR,
    JPEG,
    MACRO,
    archive,
    attached,
    commands,
    docx,
    launch,
    odt,
    pdf,
    script,
    template,
)  # fmt: skip
from tests.memory_files import MemoryFiles
from tests.product import Product
from tests.services.test_agency_documents import send
from tests.services.test_clients import agent_of

HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(200)
LOCKED = pdf(encryption=pikepdf.Encryption(user="u", owner="o"))
PROGRAM = b"MZ\x90\x00 a program"


def why(content: bytes) -> str:
    """What a person is told of a file; empty for one that is kept."""
    try:
        return look(content, content_type_of(content))
    except Invalid as error:
        return error.detail


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(pdf(), "application/pdf", id="pdf"),
        pytest.param(pdf(attached(b"<Invoice/>")), "application/pdf", id="pdf with an invoice"),
        pytest.param(JPEG, "image/jpeg", id="jpeg"),
        pytest.param(HEIC, "image/heic", id="heic"),
        pytest.param(docx(), DOCX, id="word"),
        pytest.param(docx({"word/_rels/a.rels": template(external=False)}), DOCX, id="own template"),
        pytest.param(docx({"word/document.xml": commands("PAGE")}), DOCX, id="page number"),
        pytest.param(odt(), ODT, id="opendocument"),
        pytest.param(b"Zofia's flight, 14:05", "text/plain", id="text"),
    ],
)  # fmt: skip
def test_what_people_keep_is_kept(content: bytes, found: str) -> None:
    assert content_type_of(content) == found
    assert why(content) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(EICAR, "virus", id="test virus"),
        pytest.param(docx({"word/media/a.bin": EICAR}), "virus", id="virus in word"),
        pytest.param(pdf(attached(EICAR)), "virus", id="virus in a pdf"),
        pytest.param(PROGRAM, "program", id="program"),
        pytest.param(b"\x7fELF" + bytes(50), "program", id="linux program"),
        pytest.param(b"#!/bin/sh\nrm", "program", id="script"),
        pytest.param(pdf(attached(PROGRAM)), "program inside", id="program in a pdf"),
        pytest.param(pdf(attached(b"x", "run.vbs")), "program inside", id="script in a pdf"),
        pytest.param(docx({"word/media/a.png": PROGRAM}), "program inside", id="program in word"),
        pytest.param(docx({"word/setup.exe": b"x"}), "program inside", id="named program in word"),
        pytest.param(pdf(script), "script", id="pdf with a script"),
        pytest.param(pdf(launch), "script", id="pdf that starts something"),
        pytest.param(LOCKED, "password", id="locked pdf"),
        pytest.param(b"%PDF-1.7\nnothing", "damaged", id="no pdf after all"),
        pytest.param(docx({"word/vbaProject.bin": b"x"}), "macros", id="macros"),
        pytest.param(docx(types=MACRO), "macros", id="macro type"),
        pytest.param(odt({"Basic/Standard/M.xml": b"<a/>"}), "macros", id="opendocument macros"),
        pytest.param(docx({"word/_rels/a.rels": template()}), "elsewhere", id="strange template"),
        pytest.param(
            docx({"word/document.xml": commands("DD", "EAUTO c:\\cmd")}), "elsewhere", id="dde"
        ),
        pytest.param(docx({"word/a.xml": b"<a>"}), "damaged", id="broken part"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old Office", id="doc"),
        pytest.param(archive({"a.txt": b"x"}), "archive", id="zip"),
        pytest.param(JPEG + archive({"a.html": b"x"}), "inside the picture", id="picture and zip"),
        pytest.param(JPEG[:60], "damaged", id="a piece of a picture"),
        pytest.param(b"\x00\x01\x02", "no kind", id="something else"),
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(bytes(LARGEST_BYTES + 1), "20.1 MB", id="too large"),
    ],
)  # fmt: skip
def test_what_acts_by_itself_is_refused(content: bytes, said: str) -> None:
    assert said in why(content)


def test_what_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecosystem.adapters.document_scanner.ENTRY_BYTES", 1000)
    assert "larger inside" in why(docx({"word/media/a": bytes(2000)}))
    monkeypatch.setattr("ecosystem.adapters.document_scanner.WHOLE_BYTES", 1500)
    assert "larger inside" in why(docx({"word/media/a": bytes(900), "word/media/b": bytes(900)}))


def test_a_part_of_many_elements_is_looked_at_without_keeping_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    empty = docx({"word/a.xml": b"<a>" + b"<b/>" * 150_000 + b"</a>"})
    assert len(empty) < 10_000
    tracemalloc.start()
    try:
        assert look(empty, DOCX) == ""
        assert tracemalloc.get_traced_memory()[1] < 6 * 1024**2
    finally:
        tracemalloc.stop()
    monkeypatch.setattr("ecosystem.adapters.document_scanner.MOST_ELEMENTS", 100_000)
    assert "larger inside" in look(empty, DOCX)


def test_a_pdf_is_read_where_it_can_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("look", 1)

    monkeypatch.setattr(subprocess, "run", slow)
    assert pdf_look.look(pdf()) == pdf_look.HARD
    monkeypatch.undo()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert pdf_look.look(pdf()) == pdf_look.HARD
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY


def test_our_own_source_is_not_taken_for_the_virus_it_names() -> None:
    for module in (virus_in, docx):
        assert not virus_in(Path(module.__code__.co_filename).read_bytes())


def test_what_a_decoder_stumbles_over_is_damaged() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", "<a/>")
    content = bytearray(written.getvalue())
    content[content.index(b"word/document.xml") + len("word/document.xml") + 4] = 0xFF
    assert why(bytes(content)) == DAMAGED


def test_a_file_that_a_scanner_stumbles_over_holds_up_no_other(product: Product) -> None:
    class Stumbles:
        def scan(self, key: str, content_type: str) -> ScanAnswer:
            raise ZeroDivisionError

    made, ann = product.restarted(scanner=Stumbles()), agent_of(product, "Ann Delaney")
    sent = send(made, ann)
    assert (sent.state, "can't be checked" in sent.problem) == ("refused", True)


class Answers:
    """A scanner that says this."""

    def __init__(self, answer: ScanAnswer) -> None:
        self.answer = answer

    def scan(self, key: str, content_type: str) -> ScanAnswer:
        return self.answer


def test_guardduty_is_waited_for_and_its_word_counts() -> None:
    files = MemoryFiles()
    files.put("q", b"x", "application/pdf")
    clean, bad = ScanAnswer("clean"), ScanAnswer("refused", "macros")
    assert GuardDuty(files, Answers(bad)).scan("q", "x") == bad
    both = GuardDuty(files, Answers(clean))
    assert both.scan("q", "x").state == "waiting"
    for status, state in (
        ("ACCESS_DENIED", "waiting"), ("FAILED", "waiting"), ("THREATS_FOUND", "refused"),
        ("UNSUPPORTED", "refused"), ("NO_THREATS_FOUND", "clean"),
    ):  # fmt: skip
        files.written_on["q"] = {TAG: status}
        assert both.scan("q", "x").state == state


def test_many_files_inside_are_counted_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = docx({f"word/{number}": "" for number in range(sniffing.MOST_ENTRIES)})
    monkeypatch.setattr(sniffing.zipfile, "ZipFile", None)
    assert why(many) == "There are too many files inside it."
