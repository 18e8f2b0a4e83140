"""What we look for ourselves in files that were sent: things that act by themselves.

It knows no viruses but the one that all scanners are tested with. What it finds is what makes
documents dangerous: macros, scripts, programs inside, and what is loaded from elsewhere.
"""

import io
import re
import threading
import zipfile
from xml.etree import ElementTree

from ecosystem.adapters import pdf_look
from ecosystem.adapters.signatures import is_program, names_program, virus_in
from ecosystem.domain.agency_documents import BROKEN_ARCHIVE
from ecosystem.services.ports import Files, ScanAnswer

ENTRY_BYTES = 64 * 1024**2
WHOLE_BYTES = 256 * 1024**2
MOST_ELEMENTS = 5_000_000
"""Of one part: more than a sheet of ``ENTRY_BYTES`` has."""
PIECE = 64 * 1024
MACROS = "There are macros in it. Save it as .docx, .xlsx, .pptx or PDF, and send that."
PROGRAM = "There is a program inside it."
LOADS = "It loads something from elsewhere when it is opened. Save it as PDF, and send that."
LOCKED = "It is protected by a password, so it can't be checked. Send it without one."
TOO_LARGE = "It is much larger inside than outside, so it can't be checked. Save it as PDF."
DAMAGED = "It is damaged or was not stored completely. Save it again and send that."

_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/activex/", "/oleobject")
_OPEN_DOCUMENT_CODE = ("basic/", "scripts/")
_LOADED = ("/attachedTemplate", "/oleObject", "/frame", "/subDocument")
_XML = (".xml", ".rels")
_SCRIPT_URL = "vnd.sun.star.script:"
_DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)


class DocumentScanner:
    """Implements ``Scanner`` and answers at once. One file at a time in a process."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._one_at_a_time = threading.Lock()

    def scan(self, key: str, content_type: str) -> ScanAnswer:
        """Look at the file. Raises ``NotFound``, ``Unavailable``."""
        content = self._files.get(key)
        with self._one_at_a_time:
            why = look(content, content_type)
        return ScanAnswer("refused", why) if why else ScanAnswer("clean")


def look(content: bytes, content_type: str) -> str:
    """Why a file can't be kept, in a sentence; empty if it can."""
    if why := virus_in(content):
        return why
    if content_type == "application/pdf":
        return pdf_look.look(content)
    return _archive(content) if content.startswith(b"PK\x03\x04") else ""


def _archive(content: bytes) -> str:
    """A Word, Excel, PowerPoint or OpenDocument file."""
    left = WHOLE_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    return LOCKED
                if why := _name(entry.filename.lower()):
                    return why
                with archive.open(entry) as opened:
                    part = opened.read(min(ENTRY_BYTES, left) + 1)
                left -= len(part)
                if len(part) > ENTRY_BYTES or left < 0:
                    return TOO_LARGE
                if why := _part(entry.filename.lower(), part):
                    return why
    except (*BROKEN_ARCHIVE, ElementTree.ParseError):
        return DAMAGED
    return ""


def _name(name: str) -> str:
    if any(known in f"/{name}" for known in _MACRO_NAMES) or name.startswith(_OPEN_DOCUMENT_CODE):
        return MACROS
    return PROGRAM if names_program(name) else ""


def _part(name: str, part: bytes) -> str:
    if is_program(part):
        return PROGRAM
    if why := virus_in(part):
        return why
    if not name.endswith(_XML):
        return ""
    # Office reads its parts in other encodings too, where a search for words finds none.
    told = _Told()
    parser = ElementTree.XMLParser(target=told)
    try:
        for start in range(0, len(part), PIECE):
            parser.feed(part[start : start + PIECE])
        parser.close()
    except _Refused as refused:
        return refused.why
    # A command may be cut into pieces that Word puts together.
    return LOADS if _DDE.search("".join(told.commands)) else ""


class _Refused(Exception):
    """A file can't be kept, for this reason."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Told:
    """Looks at each element as the parser comes to it and keeps none: a tree of what unfolds to
    sixty megabytes of nothing but elements would take a gigabyte."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self._text: list[str] = []
        self._elements = self._within_command = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._look_at_text()
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise _Refused(TOO_LARGE)
        if why := _element(tag, attributes):
            raise _Refused(why)
        self._within_command += tag.endswith("}instrText")

    def data(self, text: str) -> None:
        self._text.append(text)
        if self._within_command:
            self.commands.append(text)

    def end(self, tag: str) -> None:
        self._look_at_text()
        self._within_command -= tag.endswith("}instrText")

    def close(self) -> None: ...

    def _look_at_text(self) -> None:
        if self._text:
            if _macros("".join(self._text)):
                raise _Refused(MACROS)
            self._text.clear()


def _element(tag: str, attributes: dict[str, str]) -> str:
    if not attributes:
        return LOADS if tag.endswith("}ddeLink") else ""
    values = attributes.values()
    if _macros(" ".join(values)):
        return MACROS
    external = attributes.get("TargetMode", "").lower() == "external"
    if external and attributes.get("Type", "").endswith(_LOADED):
        return LOADS
    if tag.endswith("}ddeLink") or any(_DDE.search(value) for value in values):
        return LOADS
    return ""


def _macros(said: str) -> bool:
    words = said.lower()
    return "macroenabled" in words or "vbaproject" in words or _SCRIPT_URL in said
