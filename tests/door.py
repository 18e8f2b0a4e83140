"""The product's sign-in over real Postgres, Cognito's protocol and Supabase Auth's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import text

from ecosystem.adapters.cognito import Accounts, Cognito
from ecosystem.adapters.supabase_auth import SupabaseAuth
from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.placement import RDS
from ecosystem.database.unit_of_work import Database
from ecosystem.database.upgrade import upgrade_rds, upgrade_supabase
from ecosystem.local.postgres import SUPABASE_DATABASE, SUPABASE_ROLE, EmbeddedPostgres
from ecosystem.local.supabase_auth.schema import apply_schema
from ecosystem.services.api_keys import ApiKeys
from ecosystem.services.sessions import Sessions
from ecosystem.services.sign_in import Entered, SignIn
from ecosystem.services.sign_in_moves import SignInMoves
from tests.sign_in_stack import (
    COGNITO_CODE,
    PASSWORD,
    SupabaseStandIn,
    cognito_stand_in,
    supabase_stand_in,
)

SECRET = "a secret of the tests, long enough"


class MovableClock:
    """The machine's time, or later."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Door:
    """Both providers, both databases, and what the product makes of them."""

    database: Database
    cognito: Cognito
    supabase: SupabaseAuth
    mails: SupabaseStandIn
    clock: MovableClock
    sessions: Sessions
    moves: SignInMoves
    sign_in: SignIn

    def code(self, role: str, email: str) -> str:
        return self.mails.mailed_code(email) if role == "provider" else COGNITO_CODE

    def newcomer(self, role: str = "customer", **fields: str) -> str:
        """Sign somebody up and confirm; her address."""
        email = f"{uuid4().hex[:12]}@people.example"
        self.sign_in.sign_up(sign_up_form(role, email, **fields))
        self.sign_in.confirm({"email": email, "code": self.code(role, email)})
        return email

    def enter(self, email: str, password: str = PASSWORD, cookie: str = "") -> Entered:
        answer = self.sign_in.sign_in({"email": email, "password": password}, cookie=cookie)
        assert isinstance(answer, Entered)
        return answer

    def count(self, group: str, statement: str, **values: Any) -> int:
        with self.database.unit(group) as session:
            return int(session.execute(text(statement), values).scalar_one())


def sign_up_form(role: str, email: str, **fields: str) -> dict[str, str]:
    company = {"organisation": "Nord & Süd Reisen", "country": "DE"}
    return {
        "role": role,
        "name": "Ada Lovelace",
        "email": email,
        "password": PASSWORD,
        **(company if role != "customer" else {}),
        **fields,
    }


@contextmanager
def open_door(folder: Path) -> Iterator[Door]:
    """A product whose people sign in, alone on its own stack; nobody moves."""
    postgres = EmbeddedPostgres.temporary()
    try:
        postgres.start()
        supabase_url = postgres.url(SUPABASE_DATABASE, SUPABASE_ROLE)
        with psycopg.connect(postgres.superuser_url(SUPABASE_DATABASE)) as connection:
            apply_schema(connection)
            connection.execute(
                f"grant all on schema auth to {SUPABASE_ROLE};"
                f"grant all on all tables in schema auth to {SUPABASE_ROLE};"
                f"grant all on all sequences in schema auth to {SUPABASE_ROLE}".encode()
            )
        database = Database(
            rds_engine(Address.from_url(postgres.url()), pool_size=4),
            supabase_engine(Address.from_url(supabase_url), pool_size=4),
        )
        upgrade_rds(database.engines[RDS])
        upgrade_supabase(supabase_url)
        with (
            supabase_stand_in(folder / "auth", supabase_url) as mails,
            cognito_stand_in(folder / "aws") as pool,
        ):
            cognito, supabase, clock = pool.adapter(), mails.adapter(), MovableClock()
            sessions = Sessions(database, clock, SECRET)
            moves = SignInMoves(database, cognito, Accounts(cognito), supabase, on=False)
            yield Door(
                database,
                cognito,
                supabase,
                mails,
                clock,
                sessions,
                moves,
                SignIn(
                    database,
                    sessions,
                    cognito,
                    supabase,
                    cognito,
                    ApiKeys(database, clock),
                    clock,
                    moves,
                ),
            )
            cognito.close()
            supabase.close()
            database.dispose()
    finally:
        postgres.destroy()
