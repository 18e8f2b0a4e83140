"""An e-mail as it goes over the wire (RFC 5322, RFC 2045 to 2047, RFC 2183).

The library's builder parses every header it has just been given and costs more processor than all
else about a letter; this writes the same few shapes and leaves what is unusual to the library.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import encode_rfc2231, quote

from ecosystem.services.ports import Attachment, Email

_PLAIN = re.compile(r"[!-~](?:[ -~]{0,58}[!-~])?")
"""A header's value that stands for itself on one line."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_MIXED, _ALTERNATIVE = "=_mixed", "=_alternative"
"""Boundaries: neither quoted-printable nor base64 ever has ``=_`` in it."""


def as_bytes(email: Email, sender: str) -> bytes:
    """The whole message: text and HTML, then the files. ``X-Ecosystem-Id`` carries our own id.

    ``sender`` is the From header as it stands.

    Raises:
        ValueError: the address is none, or the id breaks a line.
    """
    both = _parts(
        "alternative", _ALTERNATIVE, (_text("plain", email.text), _text("html", email.html))
    )
    whole = both
    if email.attachments:
        whole = _parts("mixed", _MIXED, (both, *map(_file, email.attachments)))
    return b"".join(
        (
            # Line breaks in a title are no headers.
            _header("Subject", " ".join(_CONTROL.sub(" ", email.subject).split())),
            _header("From", sender),
            _to(email.to),
            # SES writes a Message-ID of its own; ours shows a double for what it is.
            _header("X-Ecosystem-Id", email.id),
            b"MIME-Version: 1.0\r\n",
            whole,
        )
    )


def _header(name: str, value: str) -> bytes:
    if _PLAIN.fullmatch(value) and "=?" not in value:
        return f"{name}: {value}\r\n".encode()
    if _CONTROL.search(value):
        raise ValueError(f"{name} has characters that no header may have")
    # Nine characters are at most 36 bytes: an encoded word and the longest name fit on a line.
    words = (value[at : at + 9].encode() for at in range(0, len(value), 9))
    encoded = b"\r\n ".join(b"=?utf-8?b?" + base64.b64encode(word) + b"?=" for word in words)
    return name.encode() + b": " + encoded + b"\r\n"


def _to(address: str) -> bytes:
    """One address; one with a quoted name or beyond ASCII is left to the library."""
    if _PLAIN_ADDRESS.fullmatch(address):
        return f"To: {address}\r\n".encode()
    if "@" not in address:
        raise ValueError("there is no address to write to")
    return SMTP.fold_binary(*SMTP.header_store_parse("To", str(Address(addr_spec=address))))


def _parts(kind: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    line = f"\r\n--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()
    return head + b"".join(line + b"\r\n" + part for part in parts) + line + b"--\r\n"


def _text(kind: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def _file(file: Attachment) -> bytes:
    head = (
        f"Content-Type: {file.kind}{_written(file.parameters)}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment{_written({'filename': file.name})}\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(file.content).replace(b"\n", b"\r\n")


def _written(parameters: Mapping[str, str]) -> str:
    """Parameters of a header, beyond ASCII by RFC 2231."""
    return "".join(
        f'; {name}="{quote(value)}"'
        if value.isascii() and value.isprintable()
        else f"; {name}*={encode_rfc2231(value, 'utf-8')}"
        for name, value in parameters.items()
    )
