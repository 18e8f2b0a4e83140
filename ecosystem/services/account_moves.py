"""How far the move of operators' people to Cognito is."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError

from ecosystem.database.placement import ACCOUNTS, SUPABASE
from ecosystem.database.queries import former_accounts
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Unavailable
from ecosystem.services.ports import CognitoAccounts

REASONS = {
    "banned": "blocked at Supabase",
    "unconfirmed": "never confirmed the address",
    "no_password": "has no password at Supabase",
    "second_factor": "has an authenticator app at Supabase: moves by setting it up anew on /account",
    "duplicate_email": "the address is another person's account at Cognito",
    "no_operator": "belongs to no operator here",
}
"""Why somebody can't move by signing in, in words."""


@dataclass(frozen=True)
class AccountCounts:
    """People of Supabase Auth. ``impossible`` is by reason (``REASONS``)."""

    moved: int
    waiting: int
    impossible: dict[str, int] = field(default_factory=dict)
    who: tuple[tuple[str, str], ...] = ()
    """The address of each who can't move by signing in, with the reason."""

    def as_json(self) -> dict[str, Any]:
        """The same for a program, without addresses."""
        return {name: value for name, value in asdict(self).items() if name != "who"}

    def people(self) -> list[str]:
        """A line for each who can't move, by reason: address and why."""
        return [f"{email}  {REASONS[why]}" for why, email in sorted((w, e) for e, w in self.who)]

    def lines(self) -> list[str]:
        """The same for a person."""
        total = sum(self.impossible.values())
        return [
            f"moved       {self.moved}",
            f"waiting     {self.waiting}  (each moves at the next sign-in)",
            f"impossible  {total}",
            *(f"  {count}  {REASONS[reason]}" for reason, count in self.impossible.items()),
        ]


class AccountMoves:
    """Counts who has moved. Reads all of both systems: seconds for a large pool."""

    def __init__(self, database: Database, accounts: CognitoAccounts) -> None:
        self._database = database
        self._accounts = accounts

    def count(self) -> AccountCounts:
        """How many have moved, wait for their next sign-in, and can't move, now.

        Deleted people are not counted.

        Raises:
            Unavailable: one of the systems does not answer.
        """
        moved: set[str] = set()
        taken: set[str] = set()
        for account in self._accounts.everyone():
            if account.moved:
                moved.add(account.supabase_id)
            elif not account.supabase_id and account.state != "unconfirmed":
                taken.add(account.email)
        with self._database.unit(ACCOUNTS) as session:
            ours = former_accounts.user_ids(session)
        found: list[tuple[str, str]] = []
        for person in self._people():
            if str(person.id) in moved:
                state = "moved"
            elif person.id not in ours:
                state = "no_operator"
            else:
                state = person.reason or "waiting"
                if state == "waiting" and person.email in taken:
                    state = "duplicate_email"
            found.append((person.email, state))
        counts = Counter(state for _, state in found)
        return AccountCounts(
            moved=counts["moved"],
            waiting=counts["waiting"],
            impossible={name: counts[name] for name in REASONS if counts[name]},
            who=tuple((email, state) for email, state in found if state in REASONS),
        )

    def _people(self) -> list[former_accounts.FormerAccount]:
        # Supabase Auth stays where it is, also when its neighbours, the tables, have moved.
        try:
            with self._database.engines[SUPABASE].connect() as connection:
                return former_accounts.everyone(connection)
        except DBAPIError as error:
            raise Unavailable("Supabase's database does not show its accounts.") from error
