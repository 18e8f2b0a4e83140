"""Nothing crosses a move group: not a statement, not a unit of work, not a connection."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.placement import ACCOUNTS, MOVING, PACKAGE_EXTRAS, PACKAGES, RDS, group_of
from ecosystem.database.tables import (
    Booking,
    Departure,
    Operator,
    Package,
    PackageAddon,
    PackageSearch,
    User,
)
from ecosystem.database.unit_of_work import CrossGroupStatement, Database
from ecosystem.domain.errors import Unavailable
from ecosystem.domain.ids import uuid7
from tests.moved import leave_supabase

CROSSING = {
    "a join of package and departure": select(Package).join(
        Departure, Departure.package_id == Package.id
    ),
    "two groups that share a database today": select(Package).join(
        PackageAddon, PackageAddon.package_id == Package.id
    ),
    "a subquery": select(Package).where(
        Package.id.in_(select(Booking.package_id).scalar_subquery())
    ),
    "an exists": select(Package).where(
        select(Operator.id).where(Operator.id == Package.operator_id).exists()
    ),
    "a common table expression": select(select(Operator.id).cte("o").c.id, Package.id),
    "an update from elsewhere": update(Package)
    .values(title="x")
    .where(Package.id == Departure.package_id),
    "an insert from a select": insert(Package).from_select(["id"], select(Departure.id)),
}


@pytest.mark.parametrize("name", CROSSING)
def test_a_statement_over_two_groups_is_refused(database: Database, name: str) -> None:
    with pytest.raises(CrossGroupStatement), database.unit(PACKAGES) as session:
        session.execute(CROSSING[name])


def test_the_control_a_plain_session_lets_it_through(database: Database) -> None:
    """Without the hook the join runs in one database and silently finds nothing."""
    statement = CROSSING["two groups that share a database today"]
    with Session(database.engines["supabase"]) as session:
        assert session.execute(statement).all() == []


@pytest.mark.parametrize("group", [RDS, *MOVING])
def test_a_unit_refuses_a_table_of_another_group(database: Database, group: str) -> None:
    one_of_each = {
        RDS: Departure,
        PACKAGES: Package,
        PACKAGE_EXTRAS: PackageAddon,
        ACCOUNTS: User,
    }
    for other, table in one_of_each.items():
        with database.unit(group) as session:
            if other == group:
                session.execute(select(table)).all()
            else:
                with pytest.raises(CrossGroupStatement):
                    session.execute(select(table))


def test_a_flush_into_another_group_is_refused(database: Database) -> None:
    with pytest.raises(CrossGroupStatement), database.unit(PACKAGES) as session:
        session.add(PackageAddon(package_id=None, name="x", price=1))  # type: ignore[arg-type]
        session.flush()


def test_every_table_names_its_group() -> None:
    tables = list(PackageSearch.metadata.sorted_tables)
    assert {group_of(table) for table in tables} == {RDS, *MOVING}


def test_no_foreign_key_crosses_a_group() -> None:
    for table in PackageSearch.metadata.sorted_tables:
        for key in table.foreign_keys:
            assert group_of(key.column.table) == group_of(table), key


def test_the_groups_roles_can_not_enter_each_others_database(
    addresses: dict[str, Address],
) -> None:
    rds, supabase = addresses["rds"], addresses["supabase"]
    crossed = Address(rds.host, rds.port, supabase.database, rds.user, rds.password)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(crossed.libpq).close()


def test_a_group_moves_when_the_database_says_so(database: Database) -> None:
    """Callers do not change: the unit goes to the other engine."""
    with database.unit(PACKAGES) as session:
        assert session.engine is database.engines["supabase"]
    with database.unit(RDS) as session:
        session.execute(
            text("update migration_groups set authority = 'rds' where name = 'packages'")
        )
    database.placement.forget()
    with database.unit(PACKAGES) as session:
        assert session.engine is database.engines["rds"]
        assert session.execute(select(Package)).all() == []
    with database.unit(ACCOUNTS) as session:
        assert session.engine is database.engines["supabase"]


def test_a_unit_rolls_back_on_any_error(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.unit(RDS) as session:
        session.execute(text("insert into outbox (id, topic) values (gen_random_uuid(), 'never')"))
        raise ZeroDivisionError
    with database.unit(RDS) as session:
        assert session.execute(text("select count(*) from outbox")).scalar_one() == 0


def test_a_lock_that_is_not_free_is_unavailable(database: Database) -> None:
    with database.unit(RDS) as holding:
        holding.execute(text("select * from migration_groups where name='packages' for update"))
        with pytest.raises(Unavailable) as refused, database.unit(RDS) as waiting:
            waiting.execute(text("set local lock_timeout = '50ms'"))
            waiting.execute(text("select * from migration_groups for update"))
    assert refused.value.code == "busy"


def test_a_runaway_statement_is_cancelled(database: Database) -> None:
    for group in (RDS, PACKAGES):
        with pytest.raises(Unavailable), database.unit(group) as session:
            session.execute(text("set local statement_timeout = '50ms'"))
            session.execute(text("select pg_sleep(5)"))
        with database.unit(group) as session:
            limit = session.execute(text("show statement_timeout")).scalar_one()
            assert limit == "8s"


def test_the_ledger_can_not_be_changed_and_always_balances(database: Database) -> None:
    def post(connection: Connection, *amounts: int) -> None:
        """Entries of one posting, of a booking that need not be; checked as by a commit."""
        connection.execute(text("set constraints all deferred"))
        posting = uuid7()
        for number, amount in enumerate(amounts):
            connection.execute(
                text(
                    "insert into ledger_entries"
                    " (posting_id, booking_id, account, amount_minor, currency, cause, memo)"
                    " values (:id, :id, :account, :amount, 'EUR', :cause, '')"
                ),
                {"id": posting, "account": f"{number}", "amount": amount, "cause": str(posting)},
            )
        connection.execute(text("set constraints all immediate"))

    with database.engines["rds"].connect() as connection:
        connection.execute(
            text("alter table ledger_entries drop constraint ledger_entries_booking_id_fkey")
        )
        post(connection, 12900, -12900)
        for statement in (
            "update ledger_entries set memo = ''",
            "delete from ledger_entries",
            "truncate ledger_entries",
        ):
            with pytest.raises(DBAPIError, match="append only"), connection.begin_nested():
                connection.execute(text(statement))
        with pytest.raises(DBAPIError, match="out of balance by 1 EUR"), connection.begin_nested():
            post(connection, 12900, -12899)
        with pytest.raises(DBAPIError, match="out of balance"), connection.begin_nested():
            post(connection, 12900)
        connection.rollback()


@pytest.mark.parametrize("apart", [True, False], ids=["as it is", "of one pool"])
def test_units_of_a_moved_group_within_units_of_rds_do_not_wait_for_each_other(
    addresses: dict[str, Address], apart: bool
) -> None:
    """Two at once, two connections a pool: each has one of RDS and needs one for the packages."""
    leave_supabase(addresses)
    engines = [rds_engine(addresses["rds"], pool_size=2) for _ in range(2)]
    for engine in engines:
        engine.pool._timeout = 0.2  # type: ignore[attr-defined]
    supabase = supabase_engine(addresses["supabase"], pool_size=2)
    database = Database(engines[0], supabase, engines[1] if apart else None)
    both = threading.Barrier(2, timeout=60)

    def nested() -> bool:
        with database.unit(RDS) as outer:
            outer.execute(text("select 1"))
            both.wait()
            try:
                with database.unit(PACKAGES) as inner:
                    return inner.execute(select(Package)).all() == []
            except Unavailable:
                return False
            finally:
                both.wait()

    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(nested) for _ in range(2)]
        assert [one.result() for one in asked] == [apart, apart]
    database.dispose()
    engines[1].dispose()
