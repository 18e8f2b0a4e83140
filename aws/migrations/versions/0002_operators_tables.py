"""The operators' tables, empty, where their rows will arrive when a group moves.

Until then nothing reads them: ``database/placement.py`` sends every statement
to the database that has authority. RLS and the keys to ``auth.users`` stay
behind: on RDS nobody but the product's server connects.
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
