"""The contract of the ``Mail`` port, over SES as MiniStack speaks it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecosystem.adapters.dynamodb import DynamoDb
from ecosystem.adapters.s3 import S3
from ecosystem.adapters.ses import Ses
from ecosystem.domain.errors import Unavailable
from ecosystem.local.aws import REGION, EmbeddedAws
from ecosystem.services.ports import Attachment, Email

SENDER = "trips@ecosystem.example"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    folder: Path = tmp_path_factory.mktemp("mail-aws")
    running = EmbeddedAws(folder, persist=False)
    running.start()
    running.client("ses").verify_email_identity(EmailAddress=SENDER)
    yield running
    running.stop()


def email(**changed: Any) -> Email:
    values: dict[str, Any] = {
        "id": "0190-booking.confirmed",
        "to": "maja@example.com",
        "subject": "Your trip is booked: Łódź & Tromsø, TRV-7K3Q9XHM",
        "text": "Hello Maja,\n\nyour seats are yours: €2,776.00.\n",
        "html": "<p>Hello Maja, your seats are yours: €2,776.00.</p>",
    }
    return Email(**(values | changed))


def test_text_and_html_arrive(aws: EmbeddedAws) -> None:
    Ses(REGION, SENDER, aws.endpoint).send(email())
    kept = httpx.get(f"{aws.endpoint}/_ministack/ses/messages").text
    assert "maja@example.com" in kept
    assert "Hello Maja,\\r\\n\\r\\nyour seats" in kept
    assert "<p>Hello Maja" in kept
    assert "\\u0141\\u00f3d\\u017a & Troms\\u00f8" in kept


def test_a_file_goes_along_and_text_and_html_still_arrive(aws: EmbeddedAws) -> None:
    content = b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
    file = Attachment("trip.ics", "text/calendar", content, {"method": "CANCEL"})
    Ses(REGION, SENDER, aws.endpoint).send(email(to="nils@example.com", attachments=(file,)))
    found = httpx.get(f"{aws.endpoint}/_ministack/ses/messages").json()["messages"]
    (kept,) = [m for all_ in found.values() for m in all_ if "nils@example.com" in str(m["To"])]
    assert kept["BodyText"].startswith("Hello Maja,")
    assert kept["BodyHtml"].startswith("<p>Hello Maja")


def test_a_subject_can_not_smuggle_a_header(aws: EmbeddedAws) -> None:
    Ses(REGION, SENDER, aws.endpoint).send(email(subject="Hello\r\nBcc: other@example.com"))
    kept = httpx.get(f"{aws.endpoint}/_ministack/ses/messages").text
    assert "\\nBcc: other@example.com" not in kept


def test_a_vendor_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # it waits before it asks again
    nowhere = "http://127.0.0.1:9"
    for ping in (
        Ses(REGION, SENDER, nowhere).ping,
        S3(REGION, "bucket", nowhere).ping,
        DynamoDb(REGION, "table", nowhere).ping,
    ):
        with pytest.raises(Unavailable):
            ping()
