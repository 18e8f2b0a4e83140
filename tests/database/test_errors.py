"""What an error of a database says."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ecosystem.database.placement import RDS
from ecosystem.database.unit_of_work import Database


def test_an_error_does_not_say_what_was_to_be_written(database: Database) -> None:
    """Errors are logged, and kept with messages that fail."""
    statement = text(
        "insert into travel_agents (id, agency_id, email, full_name)"
        " values (gen_random_uuid(), gen_random_uuid(), :email, 'Ada Lovelace')"
    )
    with pytest.raises(DBAPIError) as refused, database.unit(RDS) as session:
        session.execute(statement, {"email": "ada@private.example"})
    assert "agency_id" in str(refused.value)
    assert "ada@private.example" not in str(refused.value)
