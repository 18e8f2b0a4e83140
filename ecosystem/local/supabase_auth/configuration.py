"""What one running stand-in needs to know."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Configuration:
    """Set once at the start from the command line.

    Attributes:
        database_url: the Supabase database, ``postgresql://…``.
        data_dir: holds the signing key, nothing else.
        anon_key: what the ``apikey`` header of everyone carries.
        service_role_key: opens the admin API.
        site_url: where links in e-mails lead, no slash at the end.
        external_url: where the project is reached; tokens name ``{external_url}/auth/v1``
            as their issuer.
        mail_endpoint: an SES endpoint; empty keeps mail in ``auth.local_outbox`` only.
        access_seconds: life of an access token. Supabase's default is an hour.
        otp_seconds: life of a code or link in an e-mail.
        reuse_seconds: how long the last refresh token but one is still good.
        mail_interval_seconds: shortest time between two e-mails of a kind to an address.
        bcrypt_cost: GoTrue's is 10.
        autoconfirm: sign-ups need no confirmation by e-mail.
    """

    database_url: str
    data_dir: Path
    anon_key: str
    service_role_key: str
    site_url: str
    external_url: str
    mail_endpoint: str = ""
    mail_sender: str = "no-reply@ecosystem.example"
    access_seconds: int = 3600
    otp_seconds: int = 3600
    reuse_seconds: float = 0.0
    mail_interval_seconds: float = 1.0
    bcrypt_cost: int = 10
    password_minimum: int = 8
    autoconfirm: bool = False

    @property
    def issuer(self) -> str:
        """The ``iss`` claim, which is also the base address of the API."""
        return f"{self.external_url}/auth/v1"
