"""Amazon SES: sending e-mail."""

from email.headerregistry import Address
from typing import Any
from urllib.parse import quote

from ecosystem.adapters import mime
from ecosystem.adapters.aws_client import answering, client
from ecosystem.services.ports import Email


class Ses:
    """``sender`` is a verified address."""

    def __init__(self, region: str, sender: str, endpoint_url: str = "") -> None:
        self._ses = client("ses", region, endpoint_url)
        self._ses.meta.events.register("before-call.ses.SendRawEmail", _encoded)
        self._sender = sender
        self._from = str(Address("Ecosystem", addr_spec=sender)) if sender else ""

    def send(self, email: Email) -> None:
        """Send text and HTML; ``X-Ecosystem-Id`` carries our own id."""
        message = mime.as_bytes(email, self._from)
        with answering("E-mail"):
            self._ses.send_raw_email(
                Source=self._sender,
                Destinations=[email.to],
                RawMessage={"Data": message},
            )

    def ping(self) -> None:
        with answering("E-mail"):
            self._ses.get_send_quota()


def _encoded(params: dict[str, Any], **_: Any) -> None:
    """Write the request's form here: the client library encodes it twice, letter by letter, and
    nearly all of it is the message in base64."""
    data = params["body"].pop("RawMessage.Data")
    form = [f"{name}={quote(str(value), safe='')}" for name, value in params["body"].items()]
    escaped = data.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    params["body"] = "&".join((*form, f"RawMessage.Data={escaped}")).encode()
