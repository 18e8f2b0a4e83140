"""Storefront (saved, seen, reviews, rates), conversations, and the operators' desk.

Children by age and prices by occupancy are additive on both sides of the packages' move.
"""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        Path(__file__).with_suffix(".sql").read_text(),
        # A file has no parameters: its percent signs are its own.
        execution_options={"no_parameters": True},
    )
