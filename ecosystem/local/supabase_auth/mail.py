"""The e-mails of the stand-in: confirm an address, choose a new password."""

import html
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ecosystem.local.supabase_auth.configuration import Configuration
from ecosystem.local.supabase_auth.errors import AuthError
from ecosystem.local.supabase_auth.one_time import OneTime
from ecosystem.local.supabase_auth.storage import DatabaseConnection

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Template:
    """The wording of one e-mail and the page its link opens."""

    page: str
    subject: str
    request: str
    action: str


TEMPLATES = {
    "signup": Template(
        "confirm",
        "Confirm your e-mail address",
        "Somebody, hopefully you, has signed up with this address.",
        "Confirm my address",
    ),
    "email_change": Template(
        "confirm",
        "Confirm your new e-mail address",
        "Your account is to use this address from now on.",
        "Use this address",
    ),
    "magiclink": Template(
        "confirm",
        "Your sign-in link",
        "Somebody, hopefully you, wants to sign in with this address.",
        "Sign in",
    ),
    "recovery": Template(
        "forgot-password",
        "Choose a new password",
        "Somebody, hopefully you, has asked for a new password.",
        "Choose a new password",
    ),
}


@dataclass(frozen=True)
class Message:
    """One e-mail, ready to send."""

    kind: str
    recipient: str
    subject: str
    text: str
    html: str
    link: str


class SendLimit:
    """At most one e-mail of a kind to an address in the interval, known person or not."""

    def __init__(self, interval_seconds: float) -> None:
        self._interval = interval_seconds
        self._lock = threading.Lock()
        self._last: dict[tuple[str, str], float] = {}

    def take(self, kind: str, email: str) -> None:
        """Count one e-mail.

        Raises:
            AuthError: 429 ``over_email_send_rate_limit``, with the seconds to wait.
        """
        now = time.monotonic()
        with self._lock:
            if len(self._last) > 10_000:
                self._last = {
                    key: at for key, at in self._last.items() if now - at < self._interval
                }
            wait = self._last.get((kind, email), -self._interval) + self._interval - now
            if wait > 0:
                raise AuthError(
                    429,
                    "over_email_send_rate_limit",
                    "For security purposes, you can only request this after "
                    f"{int(wait) + 1} seconds.",
                )
            self._last[kind, email] = now

    def give_back(self, kind: str, email: str) -> None:
        """Forget the last e-mail: it could not be sent."""
        with self._lock:
            self._last.pop((kind, email), None)


class Mailer:
    """Writes e-mails, keeps a copy in ``auth.local_outbox`` and hands them to SES."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._client_lock = threading.Lock()
        self._client: Any = None
        self.limit = SendLimit(configuration.mail_interval_seconds)

    def write(
        self, connection: DatabaseConnection, kind: str, recipient: str, one_time: OneTime
    ) -> Message:
        """Compose an e-mail and keep a copy, in the caller's transaction."""
        template = TEMPLATES[kind]
        query = urlencode({"token_hash": one_time.token_hash, "type": kind, "provider": "supabase"})
        link = f"{self._configuration.site_url}/{template.page}?{query}"
        shown = html.escape(link)
        message = Message(
            kind=kind,
            recipient=recipient,
            subject=template.subject,
            link=link,
            text=(
                f"{template.request}\n\n{template.action}:\n{link}\n\n"
                f"Or enter this code: {one_time.code}\n\n"
                "If it was not you, there is nothing to do.\n"
            ),
            html=(
                f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
                f"<title>{template.subject}</title></head><body>"
                f"<h1>{template.subject}</h1><p>{template.request}</p>"
                f'<p><a href="{shown}">{template.action}</a></p>'
                f"<p>Or enter this code: <strong>{one_time.code}</strong></p>"
                f"<p>If it was not you, there is nothing to do.</p></body></html>"
            ),
        )
        connection.execute(
            "insert into auth.local_outbox (kind, recipient, subject, body_text, body_html, link)"
            " values (%s, %s, %s, %s, %s, %s)",
            (kind, recipient, message.subject, message.text, message.html, link),
        )
        return message

    def send(self, message: Message | None) -> None:
        """Hand an e-mail to SES, if there is one. Call it with no transaction open.

        Raises:
            AuthError: 500 ``unexpected_failure``; the same person may ask again at once.
        """
        if message is None or not self._configuration.mail_endpoint:
            return
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            self._ses().send_email(
                Source=self._configuration.mail_sender,
                Destination={"ToAddresses": [message.recipient]},
                Message={
                    "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": message.text, "Charset": "UTF-8"},
                        "Html": {"Data": message.html, "Charset": "UTF-8"},
                    },
                },
            )
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            self.limit.give_back(message.kind, message.recipient)
            log.error("e-mail %r could not be sent: %s", message.kind, error)
            raise AuthError(
                500, "unexpected_failure", f"Error sending {message.kind} email"
            ) from error

    def _ses(self) -> Any:
        # boto3 costs more memory than the rest of the stand-in: it is loaded for the
        # first e-mail. Creating clients is not thread-safe, using one is.
        with self._client_lock:
            if self._client is None:
                from boto3.session import Session
                from botocore.config import Config

                from ecosystem.local.aws import REGION

                self._client = Session().client(
                    "ses",
                    endpoint_url=self._configuration.mail_endpoint,
                    # The sender's address is verified in this region only.
                    region_name=REGION,
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                    config=Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 2}),
                )
            return self._client
