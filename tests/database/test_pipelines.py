"""A process that is frozen in a transaction loses it, also after statements sent in one go."""

import time

import psycopg

from ecosystem.database.pipelines import in_one_go

LIMIT_SECONDS = 1


def lives_after(server: str, *, flush: bool) -> bool:
    """Whether a transaction is still there long after its time, with nobody using it."""
    with psycopg.connect(server, autocommit=True) as connection:
        with in_one_go(connection):
            connection.execute("begin")
            connection.execute("set local idle_in_transaction_session_timeout = '1s'")
        if flush:
            connection.pgconn.send_flush_request()
            connection.pgconn.flush()
        time.sleep(2 * LIMIT_SECONDS)
        try:
            connection.execute("select 1")
        except (psycopg.errors.IdleInTransactionSessionTimeout, psycopg.OperationalError):
            return False
        connection.execute("rollback")
        return True


def test_who_sleeps_after_statements_in_one_go_loses_the_transaction(
    postgres: dict[str, str],
) -> None:
    assert not lives_after(postgres["superuser"], flush=False)


def test_a_flush_behind_the_end_would_keep_it(postgres: dict[str, str]) -> None:
    """The control: what the driver's own pipeline does. When it fails ``in_one_go`` may go."""
    assert lives_after(postgres["superuser"], flush=True)
