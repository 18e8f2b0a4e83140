"""What is made of settings alone: both databases, Stripe, and work that needs only those."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ecosystem.adapters.dynamodb import DynamoDb
from ecosystem.adapters.secrets_manager import SecretsManager
from ecosystem.adapters.stripe_connect import StripeConnect
from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.ledger_checks import Check
from ecosystem.migration.moves import Moves
from ecosystem.services.clock import SystemClock
from ecosystem.services.ledger_checks import LedgerChecks
from ecosystem.services.marketplace import ReadModelCheck, ReadModelKeeping
from ecosystem.services.search_index import SearchIndex
from ecosystem.settings import Settings, SettingsError


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


def moves(settings: Settings, say: Callable[[str], None]) -> Moves:
    """What moves tables from Supabase to RDS; ``say`` is told what goes on."""
    rds, supabase = addresses(settings)
    return Moves(supabase, rds, say=say)


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
