"""What one data folder's stack keeps: its ports, its secrets, and where it runs now.

All of it is in ``<data folder>/stack.json``, readable by its owner alone. A second stack is
simply another data folder and another ``PORT``.
"""

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ecosystem.local.aws import ACCESS_KEY, REGION, SECRET_KEY, Infrastructure
from ecosystem.local.postgres import RDS_DATABASE, RDS_ROLE, ROLES, EmbeddedPostgres
from ecosystem.local.processes import FolderInUse, FolderLock, free_port, port_is_free
from ecosystem.settings import Settings

SENDER = "hello@ecosystem.example"
OPERATIONS = "operations@ecosystem.example"

_CARRIED_OVER = (
    "trusted_proxy_hops",
    "rate_limits",
    "marketplace_reads",
    "sign_in_moves",
    "migration_max_load",
    "migration_max_latency_ms",
    "redis_url",
    "document_scanner",
    "database_pool_size",
)
"""Settings that a person may choose for a local stack too; the others describe its parts."""


class StackError(Exception):
    """The stack cannot start or be found. The message says why and what to do."""


@dataclass(frozen=True)
class Ports:
    """The local ports, all on 127.0.0.1."""

    postgres: int
    aws: int
    supabase_auth: int
    stripe: int
    mail: int


@dataclass(frozen=True)
class Secrets:
    """Random values, made once for a data folder."""

    session: str
    postgres: dict[str, str]
    supabase_anon_key: str
    supabase_service_role_key: str
    stripe_secret_key: str
    stripe_publishable_key: str
    stripe_webhook_secret: str
    stripe_connect_webhook_secret: str

    @classmethod
    def new(cls) -> "Secrets":
        """Fresh values in the shapes that the vendors use."""
        return cls(
            session=secrets.token_urlsafe(48),
            postgres={role: secrets.token_urlsafe(24) for role in ROLES},
            supabase_anon_key=f"sb_publishable_{secrets.token_urlsafe(24)}",
            supabase_service_role_key=f"sb_secret_{secrets.token_urlsafe(32)}",
            stripe_secret_key=f"sk_test_{secrets.token_hex(24)}",
            stripe_publishable_key=f"pk_test_{secrets.token_hex(24)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
            stripe_connect_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        )


class Stack:
    """One data folder, locked while its stack runs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.ecosystem_data_dir.resolve()
        self._file = self.folder / "stack.json"
        self._lock = FolderLock(self.folder / "stack.lock")
        self._kept: dict[str, Any] = {}
        self.settled = False
        """Whether demo data is complete in every part: all of it was there at the last clean
        stop. After any other end AWS may have forgotten what Postgres remembers."""
        self.notes: list[str] = []
        """What changed since the last start and the person should know."""

    def open(self) -> None:
        """Take the folder, make or read its secrets, and settle its ports.

        Raises:
            StackError: a stack runs on this folder already, a port is taken, or the file
                cannot be read or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except FolderInUse:
            raise StackError(_already_running(self.folder, _read(self._file))) from None
        except OSError as error:
            raise StackError(f"the data folder {self.folder} cannot be used: {error}") from None
        try:
            self._kept = _read(self._file)
            _require_free_port(self.settings.port, "PORT")
            if "secrets" not in self._kept:
                self._kept["secrets"] = asdict(Secrets.new())
            self._kept["ports"] = self._settle_ports(self._kept.get("ports", {}))
            self._kept.pop("running", None)
            self._forget_what_was_deleted()
            self.settled = bool(self._kept.pop("settled", False))
            self._write()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Note that nothing runs any more and give the folder back."""
        if self._kept:
            self._kept.pop("running", None)
            if self.settled:
                self._kept["settled"] = True
            # On a full disk the file stays as it was: without the lock nothing runs, and what
            # is not noted as complete is looked after at the next start.
            with contextlib.suppress(StackError):
                self._write()
        self._lock.release()

    @property
    def ports(self) -> Ports:
        """The settled ports."""
        return Ports(**self._kept["ports"])

    @property
    def secrets(self) -> Secrets:
        """The secrets of this folder.

        Raises:
            StackError: the file was made by another version of the product.
        """
        known = {field.name for field in fields(Secrets)}
        if set(self._kept["secrets"]) != known:
            raise StackError(
                f"{self._file} does not fit this version; delete {self.folder} to start empty"
            )
        return Secrets(**self._kept["secrets"])

    @property
    def origin(self) -> str:
        """Where people reach the product."""
        return self.settings.origin

    @property
    def worker_apart(self) -> bool:
        """Whether the worker is a process of its own: unless somebody asked for it in the app."""
        asked = "worker_in_app" in self.settings.model_fields_set
        return not (asked and self.settings.worker_in_app)

    @property
    def mail_url(self) -> str:
        """Where sent e-mails can be read."""
        return f"http://127.0.0.1:{self.ports.mail}/mail"

    @property
    def seeded(self) -> bool:
        """Whether demo data was once put in completely."""
        return bool(self._kept.get("seeded"))

    def mark_seeded(self) -> None:
        """Remember that the demo data is complete."""
        self._kept["seeded"] = True
        self.settled = True
        self._write()

    @property
    def schema(self) -> str:
        """What the schemas of both databases were last made from (``parts.schema_digest``)."""
        return str(self._kept.get("schema", ""))

    def mark_schema(self, digest: str) -> None:
        """Remember that both schemas are those of this digest."""
        self._kept["schema"] = digest
        self._write()

    def mark_running(self, values: dict[str, str]) -> None:
        """Publish the settings of the running stack, for ``ecosystem env``."""
        self._kept["running"] = {
            "pid": os.getpid(),
            "origin": self.origin,
            "mail": self.mail_url,
            "settings": values,
        }
        self._write()

    def values(
        self, postgres: EmbeddedPostgres, infrastructure: Infrastructure | None
    ) -> dict[str, str]:
        """Every setting of this stack as ``KEY: value``, for its parts and for other programs.

        Args:
            infrastructure: None while AWS is not provisioned; its settings are then empty.
        """
        kept = self.secrets
        ports = self.ports
        values = {name.upper(): _text(getattr(self.settings, name)) for name in _CARRIED_OVER}
        return values | {
            "ECOSYSTEM_ENV": "local",
            "WORKER_IN_APP": _text(not self.worker_apart),
            "MAIL_URL": self.mail_url,
            "ECOSYSTEM_DATA_DIR": str(self.folder),
            "PORT": str(self.settings.port),
            "PUBLIC_URL": self.origin,
            "SESSION_SECRET": self.settings.session_secret.get_secret_value() or kept.session,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports.aws}",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_RDS_HOST": "127.0.0.1",
            "AWS_RDS_PORT": str(postgres.port),
            "AWS_RDS_DATABASE": RDS_DATABASE,
            "AWS_RDS_USER": RDS_ROLE,
            "AWS_RDS_PASSWORD": kept.postgres[RDS_ROLE],
            "AWS_RDS_SECRET_ARN": "",
            "AWS_RDS_SSLROOTCERT": "",
            "AWS_COGNITO_USER_POOL_ID": infrastructure.user_pool_id if infrastructure else "",
            "AWS_COGNITO_CLIENT_ID": infrastructure.client_id if infrastructure else "",
            "S3_BUCKET_NAME": infrastructure.bucket if infrastructure else "",
            "DYNAMODB_TABLE_NAME": infrastructure.table if infrastructure else "",
            "SES_SENDER": SENDER,
            "OPS_EMAIL": OPERATIONS,
            "SUPABASE_URL": f"http://127.0.0.1:{ports.supabase_auth}",
            "SUPABASE_ANON_KEY": kept.supabase_anon_key,
            "SUPABASE_SERVICE_ROLE_KEY": kept.supabase_service_role_key,
            "SUPABASE_DB_URL": postgres.url("supabase", "supabase_app"),
            "STRIPE_SECRET_KEY": kept.stripe_secret_key,
            "STRIPE_PUBLISHABLE_KEY": kept.stripe_publishable_key,
            "STRIPE_WEBHOOK_SECRET": kept.stripe_webhook_secret,
            "STRIPE_CONNECT_WEBHOOK_SECRET": kept.stripe_connect_webhook_secret,
            "STRIPE_API_BASE": f"http://127.0.0.1:{ports.stripe}",
            "EXCHANGE_RATES_URL": f"http://127.0.0.1:{ports.mail}/exchange-rates.xml",
        }

    def _forget_what_was_deleted(self) -> None:
        """A part whose folder someone removed starts empty, so nothing is complete any more."""
        if not all((self.folder / part).is_dir() for part in ("postgres", "aws", "stripe")):
            for name in ("settled", "seeded", "schema"):
                self._kept.pop(name, None)

    def _settle_ports(self, kept: dict[str, int]) -> dict[str, int]:
        """Ports set by a person, else those of last time, else free ones."""
        demanded = _demanded_ports(self.settings)
        settled: dict[str, int] = {}
        for field in fields(Ports):
            name = field.name
            if name in demanded:
                setting, port = demanded[name]
                _require_free_port(port, setting)
                settled[name] = port
                continue
            port = kept.get(name, 0)
            if not port or port == self.settings.port or not port_is_free(port):
                fresh = _other_free_port({self.settings.port, *settled.values(), *kept.values()})
                if port:
                    self.notes.append(f"port {port} is taken: {name} now uses {fresh}")
                port = fresh
            settled[name] = port
        return settled

    def _write(self) -> None:
        draft = self._file.with_suffix(".new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                json.dump(self._kept, handle, indent=2, sort_keys=True)
            draft.replace(self._file)
        except OSError as error:
            raise StackError(f"{self._file} cannot be written: {error}") from None


def running_values(folder: Path) -> dict[str, str]:
    """The settings of the stack that runs on this data folder.

    Raises:
        StackError: none runs, or it is still starting.
    """
    folder = folder.resolve()
    if not FolderLock(folder / "stack.lock").held_elsewhere:
        raise StackError(f"no stack runs on {folder}; start one with `ecosystem up`")
    running = _read(folder / "stack.json").get("running")
    if not running:
        raise StackError(f"the stack on {folder} is still starting; try again in a moment")
    return dict(running["settings"])


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise StackError(
            f"{file} cannot be read ({error}); delete {file.parent} to start empty"
        ) from None


def _already_running(folder: Path, kept: dict[str, Any]) -> str:
    running = kept.get("running") or {}
    where = f" at {running['origin']} (process {running['pid']})" if running else ""
    return (
        f"a stack runs on {folder}{where} already; stop it, or start a second one with "
        "another PORT and ECOSYSTEM_DATA_DIR"
    )


def _demanded_ports(settings: Settings) -> dict[str, tuple[str, int]]:
    """Ports that a person has set, by part: the setting's name and the number."""
    demanded: dict[str, tuple[str, int]] = {}
    if "aws_rds_port" in settings.model_fields_set:
        demanded["postgres"] = ("AWS_RDS_PORT", settings.aws_rds_port)
    addresses = {
        "aws": ("AWS_ENDPOINT_URL", settings.aws_endpoint_url),
        "supabase_auth": ("SUPABASE_URL", settings.supabase_url),
        "stripe": ("STRIPE_API_BASE", settings.stripe_api_base),
    }
    for part, (setting, address) in addresses.items():
        parsed = urlsplit(address)
        if parsed.hostname in ("127.0.0.1", "localhost") and parsed.port:
            demanded[part] = (setting, parsed.port)
    return demanded


def _require_free_port(port: int, setting: str) -> None:
    if not port_is_free(port):
        raise StackError(
            f"port {port} ({setting}) is used by {_user_of(port)}; stop it or set another {setting}"
        )


def _user_of(port: int) -> str:
    # Here, so that `ecosystem doctor` can say where the packages of the local stack are missing.
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            address = connection.laddr
            listens = connection.status == psutil.CONN_LISTEN and address and address.port == port
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        # Not every system lets us see others' sockets; the port is taken all the same.
        return "another program"
    return "another program"


def _other_free_port(taken: set[int]) -> int:
    while (port := free_port()) in taken or 3000 <= port <= 3100:
        continue
    return port


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)
