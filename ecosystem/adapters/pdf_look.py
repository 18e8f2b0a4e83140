"""Looking into a PDF for what acts by itself. A program of its own: the file comes in, a sentence
comes out, empty if nothing is wrong with it.

A reader of PDFs is a large program that reads what strangers wrote. So it runs in a process with
little memory and time, whose end by force says no more than that the file is refused:

    python -m ecosystem.adapters.pdf_look <scan.pdf
"""

import io
import resource
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf
from pikepdf import settings

from ecosystem.adapters.signatures import is_program, names_program, virus_in

MEMORY_BYTES = 1024**3
STREAM_BYTES = 64 * 1024**2
PROCESSOR_SECONDS = 20
WAIT_SECONDS = 40.0

ACTS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/GoToR", "/GoToE", "/RichMediaExecute"})
"""Actions (ISO 32000-2, table 201) that run, open or load something outside the file."""
PLAYS = frozenset({"/RichMedia", "/Screen"})
SCRIPT = "It contains a script or starts something by itself. Print it to a new PDF, and send that."
PROGRAM = "There is a program inside it."
LOCKED = "It is protected by a password, so it can't be checked. Send it without one."
DAMAGED = "It is damaged or was not stored completely. Save it again and send that."
HARD = "It is built in a way that can't be checked. Print it to a new PDF, and send that."


def look(content: bytes) -> str:
    """Why a PDF can't be kept, in a sentence; empty if it can."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=content,
            capture_output=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return HARD
    return done.stdout.decode() if done.returncode == 0 else HARD


def _main(source: BinaryIO) -> str:
    content = source.read()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    settings.set_qpdf_limits(
        flate_max_memory=STREAM_BYTES,
        run_length_max_memory=STREAM_BYTES,
        png_max_memory=STREAM_BYTES,
        tiff_max_memory=STREAM_BYTES,
    )
    if virus_in(content):
        return virus_in(content)
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            return next(filter(None, map(_wrong, _parts(pdf))), "")
    except pikepdf.PasswordError:
        return LOCKED
    except pikepdf.PdfError:
        return DAMAGED


def _parts(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary and stream of a file, whatever leads to it or nothing."""
    yield pdf.trailer
    for top in pdf.objects:
        within = [top]
        while within:
            one = within.pop()
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                yield one
                children = [value for _name, value in one.items()]
            elif isinstance(one, pikepdf.Array):
                children = list(one)
            else:
                continue
            # What has a number of its own comes along by itself.
            within += [c for c in children if isinstance(c, pikepdf.Object) and not c.is_indirect]


def _wrong(part: Any) -> str:
    if "/JS" in part or "/JavaScript" in part:
        return SCRIPT
    if str(part.get("/S", "")) in ACTS or str(part.get("/Subtype", "")) in PLAYS:
        return SCRIPT
    if "/EF" in part and names_program(str(part.get("/UF", part.get("/F", "")))):
        return PROGRAM
    return _wrong_bytes(part) if isinstance(part, pikepdf.Stream) else ""


def _wrong_bytes(part: pikepdf.Stream) -> str:
    try:
        content = part.read_bytes()
    except pikepdf.PdfError:
        # A picture in its own format, or too large to be unfolded.
        content = part.read_raw_bytes()
    if str(part.get("/Type", "")) == "/EmbeddedFile" and is_program(content):
        return PROGRAM
    if content.lstrip().startswith(b"<") and b"application/x-javascript" in content.lower():
        return SCRIPT  # a form in XML (XFA)
    return virus_in(content)


if __name__ == "__main__":
    sys.stdout.write(_main(sys.stdin.buffer))
