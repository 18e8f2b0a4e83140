"""The search index is written anew: by weighed ratings, with the German names of tags."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
