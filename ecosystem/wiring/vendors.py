"""What is made of settings alone: both databases, Stripe, and work that needs only those."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ecosystem.adapters.dynamodb import DynamoDb
from ecosystem.adapters.rds_snapshots import RdsSnapshots, instance_of
from ecosystem.adapters.s3 import S3
from ecosystem.adapters.secrets_manager import SecretsManager
from ecosystem.adapters.stripe_connect import StripeConnect
from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.ledger_checks import Check
from ecosystem.migration.backups import Backups
from ecosystem.migration.carrier import no_pace
from ecosystem.migration.ends import Ends
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import TABLES, Refused, Who
from ecosystem.migration.standing import standing
from ecosystem.services.clock import SystemClock
from ecosystem.services.ledger_checks import LedgerChecks
from ecosystem.services.marketplace import ReadModelCheck, ReadModelKeeping, Verification
from ecosystem.services.moving import Limits, Pace, compare
from ecosystem.services.search_index import SearchIndex
from ecosystem.settings import Settings, SettingsError
from ecosystem.wiring.caller import caller, command_line


def addresses(settings: Settings) -> tuple[Address, Address]:
    """Of RDS and of Supabase; in production the password of RDS may come from a secret.

    Raises:
        SettingsError: an address is missing; the line names the setting.
    """
    password = settings.aws_rds_password.get_secret_value()
    if not password and settings.aws_rds_secret_arn:
        secrets = SecretsManager(settings.aws_region, settings.aws_endpoint_url)
        password = secrets.read(settings.aws_rds_secret_arn)["password"]
    if not settings.aws_rds_host:
        raise SettingsError(
            "AWS_RDS_HOST is missing. Locally it is set by `ecosystem up`; run that first."
        )
    rds = Address(
        host=settings.aws_rds_host,
        port=settings.aws_rds_port,
        database=settings.aws_rds_database,
        user=settings.aws_rds_user,
        password=password,
        sslrootcert=settings.aws_rds_sslrootcert,
    )
    return rds, Address.from_url(settings.supabase_db_url.get_secret_value())


def connect(settings: Settings) -> Database:
    """The pools, from settings. Raises as :func:`addresses`."""
    rds, supabase = addresses(settings)
    size = settings.database_pool_size
    return Database(
        rds_engine(rds, pool_size=size),
        supabase_engine(supabase, pool_size=size),
        moved=rds_engine(rds, pool_size=size),
    )


def stripe_connect(settings: Settings) -> StripeConnect:
    """The way to Stripe, or to the stand-in that settings name."""
    return StripeConnect(
        settings.stripe_secret_key.get_secret_value(),
        webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        connect_webhook_secret=settings.stripe_connect_webhook_secret.get_secret_value(),
        api_base=settings.stripe_api_base,
    )


def check_books(settings: Settings) -> tuple[Check, ...]:
    """Whether the ledger, our rows and Stripe's balance say the same, as of now."""
    database = connect(settings)
    try:
        return LedgerChecks(database, stripe_connect(settings), SystemClock()).look()
    finally:
        database.dispose()


def check_moves(settings: Settings) -> str:
    """Where the groups of moving tables are. Raises ``Refused`` with what is not as it should be."""
    rds, supabase = addresses(settings)
    with Ends.connect(supabase, rds) as ends:
        return standing(ends)


def moves(
    settings: Settings,
    say: Callable[[str], None],
    *,
    pace: Pace | None = None,
    owner: str = "command",
    who: Who | None = None,
    on_step: Callable[[str], None] = lambda _step: None,
) -> Moves:
    """What moves tables from Supabase to RDS and back; a backup of the last hour comes first.

    Args:
        say: told what goes on.
        pace: asked between two steps how fast to go on; None: as fast as it goes.
        owner, who, on_step: see :class:`Moves`.
    """
    rds, supabase = addresses(settings)
    who = who or Who(caller())
    return Moves(
        supabase,
        rds,
        say=say,
        keep=lambda group: keep_backup(settings, say, who, group),
        pace=pace or no_pace,
        owner=owner,
        who=who,
        on_step=on_step,
    )


@contextmanager
def paced_moves(
    settings: Settings, say: Callable[[str], None], stopped: Callable[[], bool]
) -> Iterator[Moves]:
    """The same for a command: it rests while the group is paused, and waits for busy databases,
    until it is ``stopped``."""
    database = connect(settings)
    pace = Pace(database, limits(settings), group_of, stopped=stopped, say=say)
    try:
        yield moves(settings, say, pace=pace)
    finally:
        database.dispose()


def group_of(table: str) -> str:
    """The move group of a table that moves."""
    return next(group for group, tables in TABLES.items() if table in tables)


def limits(settings: Settings) -> Limits:
    """When copying waits."""
    return Limits(settings.migration_max_load, settings.migration_max_latency_ms / 1000)


def keep_backup(settings: Settings, say: Callable[[str], None], who: Who, group: str) -> None:
    """Make sure that there is a backup before authority moves or the way back goes.

    Raises:
        Refused: none could be taken.
    """
    if settings.local and not settings.s3_bucket_name:
        # A bucket is required in production; both databases alone are enough to try things out.
        say(f"{group}: no backup is taken, since S3_BUCKET_NAME is not set")
        return
    backups(settings, say, who).keep(group)


def backups(settings: Settings, say: Callable[[str], None], who: Who | None = None) -> Backups:
    """What takes and restores backups of moving tables; ``who`` asks, for the record.

    Raises:
        Refused: there is no bucket for them.
        SettingsError: as :func:`addresses`.
    """
    if not settings.s3_bucket_name:
        raise Refused("S3_BUCKET_NAME is not set: there is no place for backups")
    rds, supabase = addresses(settings)
    files = S3(settings.aws_region, settings.s3_bucket_name, settings.aws_endpoint_url)
    instance = instance_of(settings.aws_rds_host)
    snapshots = RdsSnapshots(settings.aws_region, instance) if instance else None
    return Backups(supabase, rds, files, snapshots=snapshots, say=say, who=who or Who(caller()))


def compare_read_model(settings: Settings, check: ReadModelCheck) -> Verification:
    """Compare the read model with the databases for the command line; the console shows it, too."""
    database = connect(settings)
    try:
        return compare(database, check, command_line())
    finally:
        database.dispose()


@contextmanager
def read_model(settings: Settings) -> Iterator[tuple[ReadModelKeeping, ReadModelCheck]]:
    """What keeps the read model in DynamoDB, and what compares it with the databases."""
    database, clock = connect(settings), SystemClock()
    table = DynamoDb(settings.aws_region, settings.dynamodb_table_name, settings.aws_endpoint_url)
    try:
        yield ReadModelKeeping(database, table, clock), ReadModelCheck(database, table, clock)
    finally:
        database.dispose()


def index_everything(settings: Settings) -> int:
    """Bring the search index up to date with the change log now; returns the log rows done."""
    database = connect(settings)
    try:
        index = SearchIndex(database, SystemClock())
        done = 0
        while step := index.step():
            done += step
        return done
    finally:
        database.dispose()
