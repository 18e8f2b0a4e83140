"""A pair of empty databases as it is after every group has moved to RDS."""

import psycopg
from psycopg import sql

from ecosystem.database.engines import Address
from ecosystem.migration.plan import TABLES


def leave_supabase(addresses: dict[str, Address]) -> None:
    """Give RDS authority over the operators' tables; Supabase refuses whoever writes them there."""
    with psycopg.connect(addresses["supabase"].libpq) as supabase:
        supabase.execute("update public.migration_gates set final = true, epoch = 2")
        for table in (table for tables in TABLES.values() for table in tables):
            supabase.execute(
                sql.SQL("alter table {} enable always trigger migration_moved").format(
                    sql.Identifier("public", table)
                )
            )
    with psycopg.connect(addresses["rds"].libpq) as rds:
        rds.execute("update migration_gates set epoch = 2")
        rds.execute("update migration_groups set phase = 'switched', authority = 'rds', epoch = 2")
