"""What everybody pays is kept with a booking that is charged another price."""

from pathlib import Path

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
