"""Files as people send them, good and bad, made anew for each test."""

import io
import zipfile
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.picture_files import photo

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MACRO = f'<Override PartName="/x" ContentType="{WORD.replace("wordprocessingml", "word")}.macroEnabled"/>'
JPEG = photo()


def pdf(change: Any = None, **how: Any) -> bytes:
    """A PDF of one page; ``change`` gets it before it is written, ``how`` is pikepdf's."""
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(200, 200))
        if change:
            change(made)
        written = io.BytesIO()
        made.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate, **how)
        return written.getvalue()


def script(made: pikepdf.Pdf) -> None:
    """A script that runs when it is opened, in a compressed part of the file."""
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def launch(made: pikepdf.Pdf) -> None:
    """A place that starts a program."""
    made.pages[0].Annots = Array(
        [made.make_indirect(Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]),
            A=Dictionary(S=Name.Launch, F=String("cmd.exe")),
        ))]
    )  # fmt: skip


def attached(content: bytes, name: str = "invoice.xml") -> Any:
    """What puts a file into a PDF."""

    def change(made: pikepdf.Pdf) -> None:
        made.attachments[name] = content

    return change


def docx(parts: dict[str, str | bytes] | None = None, types: str = "") -> bytes:
    """A Word file with more parts, and more in its list of types."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f"<Types>{types}</Types>")
        for name, content in {"word/document.xml": commands(), **(parts or {})}.items():
            archive.writestr(name, content)
    return written.getvalue()


def odt(parts: dict[str, bytes] | None = None) -> bytes:
    """An OpenDocument text."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        for name, content in {"content.xml": b"<a/>", **(parts or {})}.items():
            archive.writestr(name, content)
    return written.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    """Any other archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


def template(external: bool = True) -> str:
    """A Word file's relation to a template from elsewhere."""
    mode = ' TargetMode="External"' if external else ""
    return f'<R><R Type="{RELATED}/attachedTemplate" Target="http://x.example/t"{mode}/></R>'


def commands(*pieces: str) -> str:
    """A Word text with a command in pieces."""
    runs = "".join(f"<w:instrText>{piece}</w:instrText>" for piece in pieces)
    return f'<w:document xmlns:w="{W}">{runs}</w:document>'
