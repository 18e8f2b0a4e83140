"""A message says, to whoever reads it as mail programs do, exactly what was put in."""

import email
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecosystem.adapters import mime
from ecosystem.services.ports import Attachment, Email

SENDER = "Ecosystem <trips@ecosystem.example>"

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=120)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=600)
LONG = st.text("=_- .aé€\n", max_size=400)
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20)


def read(message: bytes) -> EmailMessage:
    return cast("EmailMessage", email.message_from_bytes(message, policy=default))


def letter(**changed: object) -> Email:
    values: dict[str, object] = {
        "id": "0190-booking.confirmed",
        "to": "maja@example.com",
        "subject": "Your trip is booked",
        "text": "Hello",
        "html": "<p>Hello</p>",
    }
    return Email(**(values | changed))  # type: ignore[arg-type]


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content()


def one_line_break(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@settings(deadline=None, max_examples=40)
@given(WORDS, TEXTS | LONG, TEXTS | LONG)
def test_what_is_read_is_what_was_said(subject: str, text: str, html: str) -> None:
    found = read(mime.as_bytes(letter(subject=subject, text=text, html=html), SENDER))
    assert not found.defects
    assert " ".join(str(found["Subject"]).split()) == " ".join(subject.split())
    assert (found["From"], found["To"]) == (SENDER, "maja@example.com")
    assert found["X-Ecosystem-Id"] == "0190-booking.confirmed"
    assert one_line_break(body(found, "plain")) == one_line_break(text)
    assert one_line_break(body(found, "html")) == one_line_break(html)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(NAMES, st.binary(max_size=1000)), min_size=1, max_size=3))
def test_files_arrive_whole(files: list[tuple[str, bytes]]) -> None:
    kind = {"method": "PUBLISH", "charset": "utf-8"}
    given_ = tuple(Attachment(f"{n}.ics", "text/calendar", c, kind) for n, c in files)
    found = read(mime.as_bytes(letter(attachments=given_), SENDER))
    assert body(found, "plain") == "Hello"
    arrived = list(found.iter_attachments())
    assert [(p.get_filename(), p.get_payload(decode=True)) for p in arrived] == [
        (f"{name}.ics", content) for name, content in files
    ]
    assert {(p.get_content_type(), p.get_param("method")) for p in arrived} == {
        ("text/calendar", "PUBLISH")
    }


@settings(deadline=None, max_examples=40)
@given(TEXTS | LONG)
def test_no_line_is_longer_than_mail_allows(text: str) -> None:
    """998 bytes and CRLF (RFC 5322, 2.1.1); no line ends otherwise."""
    message = mime.as_bytes(letter(subject="Łódź " * 40, text=text), SENDER)
    assert max(map(len, message.split(b"\r\n"))) <= 998
    assert message.count(b"\n") == message.count(b"\r\n") == message.count(b"\r")


def test_a_title_that_looks_encoded_stays_as_it_is() -> None:
    odd = "Trip =?utf-8?q?=41?= to =? somewhere"
    assert read(mime.as_bytes(letter(subject=odd), SENDER))["Subject"] == odd


@pytest.mark.parametrize(
    "to",
    [
        "maja@example.com\r\nBcc: other@example.com",
        "maja@example.com, other@example.com",
        "maja@example.com\n",
        "Maja <maja@example.com>",
        "",
        "maja",
    ],
)
def test_what_is_no_single_address_is_refused(to: str) -> None:
    with pytest.raises(ValueError):
        mime.as_bytes(letter(to=to), SENDER)


def test_a_subject_is_one_line() -> None:
    found = read(mime.as_bytes(letter(subject="Hello\r\nBcc: a@example.com\x00\n"), SENDER))
    assert (found["Subject"], found["Bcc"]) == ("Hello Bcc: a@example.com", None)


def test_an_address_with_a_quoted_name_is_one() -> None:
    found = read(mime.as_bytes(letter(to='"maja l"@example.com'), SENDER))
    assert found["To"].addresses[0].addr_spec == '"maja l"@example.com'


def test_an_id_can_not_smuggle_a_header() -> None:
    with pytest.raises(ValueError):
        mime.as_bytes(letter(id="1\r\nBcc: other@example.com"), SENDER)
