"""Changes of packages that were begun and not finished are found without reading the history."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
