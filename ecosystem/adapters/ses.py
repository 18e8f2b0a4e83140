"""Amazon SES: sending e-mail."""

from email.headerregistry import Address
from email.message import EmailMessage

from ecosystem.adapters.aws_client import answering, client
from ecosystem.services.ports import Email


class Ses:
    """``sender`` is a verified address."""

    def __init__(self, region: str, sender: str, endpoint_url: str = "") -> None:
        self._ses = client("ses", region, endpoint_url)
        self._sender = sender

    def send(self, email: Email) -> None:
        """Send text and HTML; ``X-Ecosystem-Id`` carries our own id."""
        message = EmailMessage()
        message["Subject"] = " ".join(email.subject.split())
        message["From"] = Address("Ecosystem", addr_spec=self._sender)
        message["To"] = Address(addr_spec=email.to)
        # SES writes a Message-ID of its own; ours shows a double for what it is.
        message["X-Ecosystem-Id"] = email.id
        message.set_content(email.text)
        message.add_alternative(email.html, subtype="html")
        for file in email.attachments:
            maintype, _slash, subtype = file.kind.partition("/")
            message.add_attachment(
                file.content,
                maintype=maintype,
                subtype=subtype,
                filename=file.name,
                params=file.parameters,
            )
        with answering("E-mail"):
            self._ses.send_raw_email(
                Source=self._sender,
                Destinations=[email.to],
                RawMessage={"Data": message.as_bytes()},
            )

    def ping(self) -> None:
        with answering("E-mail"):
            self._ses.get_send_quota()
