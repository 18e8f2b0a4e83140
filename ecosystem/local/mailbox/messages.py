"""Reading the e-mails that MiniStack's SES and Cognito have sent."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class MailUnavailable(Exception):
    """The stand-in that keeps the e-mails does not answer."""


@dataclass(frozen=True)
class Message:
    """One sent e-mail. ``sent_at`` is aware, in UTC."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    sent_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The message as tests read it from ``/mail.json``."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.to),
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "sent_at": self.sent_at.isoformat().replace("+00:00", "Z"),
        }


def fetch(endpoint: str, to: str = "") -> list[Message]:
    """All e-mails, newest first.

    Args:
        endpoint: the address of MiniStack.
        to: keep those with this text in an address (to, cc or bcc), in any case.
    Raises:
        MailUnavailable: MiniStack does not answer.
    """
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=5) as answer:
            accounts = json.load(answer)["messages"]
    except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
        raise MailUnavailable(str(error)) from error
    found = [_message(record) for records in accounts.values() for record in records]
    wanted = to.strip().lower()
    matching = [
        message
        for message in found
        if not wanted or any(wanted in address.lower() for address in message.to)
    ]
    return sorted(matching, key=lambda message: message.sent_at, reverse=True)


def _message(record: dict[str, Any]) -> Message:
    addresses = [*record.get("To", []), *record.get("CC", []), *record.get("BCC", [])]
    return Message(
        id=str(record["MessageId"]).partition("@")[0],
        sender=str(record.get("Source", "")),
        to=tuple(str(address) for address in addresses),
        subject=str(record.get("Subject") or ""),
        text=str(record.get("BodyText") or "").replace("\r\n", "\n"),
        html=str(record.get("BodyHtml") or ""),
        sent_at=datetime.fromtimestamp(float(record["Timestamp"]), tz=UTC),
    )
