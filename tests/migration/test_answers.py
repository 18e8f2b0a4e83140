"""What is told of a database that went away: our words, none of the driver's."""

import psycopg
import pytest
from psycopg import errors as pg

from ecosystem.domain.errors import Unavailable
from ecosystem.migration.answers import Unreached, in_words
from ecosystem.migration.plan import Refused
from ecosystem.services.moving import NotDone
from ecosystem.wiring.moving import told

CUT = psycopg.OperationalError(
    "consuming input failed: server closed the connection unexpectedly\n\tThis probably means"
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CUT, "the connection to a database was cut"),
        (pg.AdminShutdown("terminating"), "the connection to a database was cut"),
        (Unreached("RDS", CUT), "RDS can't be reached"),
        (pg.LockNotAvailable("x"), "somebody else held for too long what was needed"),
        (pg.DiskFull("no space left"), "no space left"),
        (pg.NotNullViolation("null in a\nDETAIL: secret"), "null in a"),
    ],
)
def test_what_went_wrong_in_a_clause(error: psycopg.Error, words: str) -> None:
    assert in_words(error) == words


def test_the_page_and_the_worker_tell_no_more() -> None:
    with pytest.raises(Unavailable) as away, told():
        raise CUT
    assert away.value.detail == "The connection to a database was cut."
    assert away.value.__cause__ is CUT
    with pytest.raises(NotDone, match=r"a database refuses that: null in a$"), told():
        raise pg.NotNullViolation("null in a\nDETAIL: secret")
    assert "server closed" in str(Unreached("RDS", CUT)), "the driver's words are for the log"


def test_the_log_has_what_the_driver_said(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NotDone, match="stays in RDS"), told():
        raise Refused("cut; it stays in RDS") from CUT
    assert "server closed the connection unexpectedly" in caplog.text
