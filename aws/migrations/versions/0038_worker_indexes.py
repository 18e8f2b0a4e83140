"""What the worker asks every minute is read from indexes."""

from pathlib import Path

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
