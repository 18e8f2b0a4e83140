"""How each of our stand-ins is started: its module, its arguments, where it answers."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ecosystem.local.postgres import RDS_ROLE, SUPABASE_DATABASE, SUPABASE_ROLE, EmbeddedPostgres
from ecosystem.local.stack import SENDER, Stack

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class StandIn:
    """One stand-in, run as ``python -m ecosystem.local.<module>``.

    Attributes:
        health: the path that answers 200 once it can be used.
    """

    name: str
    module: str
    port: int
    health: str
    arguments: tuple[str, ...]


def stripe(stack: Stack) -> StandIn:
    """Stripe, which sends its webhooks to the web app."""
    kept, web = stack.secrets, f"http://127.0.0.1:{stack.settings.port}"
    options = {
        "--data-dir": str(stack.folder / "stripe"),
        "--secret-key": kept.stripe_secret_key,
        "--webhook-url": f"{web}/api/stripe/webhook",
        "--webhook-secret": kept.stripe_webhook_secret,
        "--connect-webhook-url": f"{web}/api/stripe/connect-webhook",
        "--connect-webhook-secret": kept.stripe_connect_webhook_secret,
    }
    return StandIn("stripe", "stripe", stack.ports.stripe, "/health", _flat(options))


def supabase_auth(stack: Stack, postgres: EmbeddedPostgres) -> StandIn:
    """Supabase Auth over the operators' database."""
    kept = stack.secrets
    options = {
        "--database-url": postgres.url(SUPABASE_DATABASE, SUPABASE_ROLE),
        "--data-dir": str(stack.folder / "supabase_auth"),
        "--anon-key": kept.supabase_anon_key,
        "--service-role-key": kept.supabase_service_role_key,
        "--site-url": stack.origin,
        "--mail-endpoint": aws_endpoint(stack),
        "--mail-sender": SENDER,
    }
    return StandIn(
        "supabase_auth",
        "supabase_auth",
        stack.ports.supabase_auth,
        "/auth/v1/health",
        _flat(options),
    )


def mail(stack: Stack) -> StandIn:
    """The mailbox, which reads what AWS has sent."""
    options = {"--aws-endpoint": aws_endpoint(stack), "--site-url": stack.origin}
    return StandIn("mail", "mailbox", stack.ports.mail, "/health", _flat(options))


def aws_endpoint(stack: Stack) -> str:
    """Where AWS answers; known before it runs."""
    return f"http://127.0.0.1:{stack.ports.aws}"


def web_origins(stack: Stack) -> list[str]:
    """The origins whose pages may upload files."""
    local = [f"http://{host}:{stack.settings.port}" for host in ("localhost", "127.0.0.1")]
    return list(dict.fromkeys([stack.origin, *local]))


def vault(stack: Stack) -> dict[str, dict[str, str]]:
    """What Secrets Manager holds, in the shapes of production."""
    kept = stack.secrets
    return {
        "ecosystem/rds": {"username": RDS_ROLE, "password": kept.postgres[RDS_ROLE]},
        "ecosystem/stripe": {
            "secret_key": kept.stripe_secret_key,
            "webhook_secret": kept.stripe_webhook_secret,
            "connect_webhook_secret": kept.stripe_connect_webhook_secret,
        },
        "ecosystem/supabase": {
            "anon_key": kept.supabase_anon_key,
            "service_role_key": kept.supabase_service_role_key,
        },
    }


def schema_digest() -> str:
    """Changes whenever `ecosystem db upgrade` could have something to do."""
    digest = hashlib.sha256()
    for pattern in (
        "aws/migrations/**/*.py",
        "aws/migrations/**/*.sql",
        "supabase/migrations/*.sql",
        "ecosystem/local/supabase_auth/schema.sql",
        "ecosystem/database/upgrade.py",
    ):
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _flat(options: dict[str, str]) -> tuple[str, ...]:
    return tuple(part for option in options.items() for part in option)
