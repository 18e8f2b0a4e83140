"""A picture that was taken off can be put back for a while; a refused one says why."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
