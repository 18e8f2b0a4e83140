"""One request and its answer, free of any web framework."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecosystem.local.supabase_auth.configuration import Configuration
from ecosystem.local.supabase_auth.mail import Mailer
from ecosystem.local.supabase_auth.passwords import Passwords
from ecosystem.local.supabase_auth.sessions import Sessions
from ecosystem.local.supabase_auth.signing import Signer
from ecosystem.local.supabase_auth.storage import Database


@dataclass(frozen=True)
class Parts:
    """What an operation works with; made once."""

    configuration: Configuration
    database: Database
    signer: Signer
    passwords: Passwords
    sessions: Sessions
    mailer: Mailer


@dataclass(frozen=True)
class Call:
    """A request as an operation sees it."""

    body: dict[str, Any]
    query: Mapping[str, str]
    path: Mapping[str, str]
    bearer: str | None
    apikey: str | None
    client_ip: str | None
    user_agent: str

    def text(self, name: str) -> str:
        """A text of the body; empty when absent or of another type."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Reply:
    """An answer. Without a body it is a 204, with a location a redirect."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Operation = Callable[[Parts, Call], Reply]
