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

HERSELF = {
    "second_factor": "has to set up her authenticator app anew on /account",
    "unconfirmed": "has to confirm her address first, as the sign-in page tells her",
    "no_password": "has to choose a password first, on /forgot-password",
}
"""What somebody who waits has to do before she moves by signing in, in words."""

REASONS = {
    "banned": "blocked at Supabase",
    "duplicate_email": "the address is another person's account at Cognito",
    "no_operator": "belongs to no operator here",
}
"""Why somebody can't move without a person of operations, in words."""


@dataclass(frozen=True)
class AccountCounts:
    """People of Supabase Auth.

    Attributes:
        waiting: who can move by herself; of them ``waiting_for``: who has to do something first
            (by ``HERSELF``).
        impossible: who can't, by reason (``REASONS``).
        who: the address of each who does not move by signing in alone, with the reason.
    """

    moved: int
    waiting: int
    impossible: dict[str, int] = field(default_factory=dict)
    waiting_for: dict[str, int] = field(default_factory=dict)
    who: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same for a program, without addresses."""
        return {name: value for name, value in asdict(self).items() if name != "who"}

    def people(self) -> list[str]:
        """A line for each who does not move by signing in alone, by reason: address and why."""
        words = HERSELF | REASONS
        return [f"{email}  {words[why]}" for why, email in sorted((w, e) for e, w in self.who)]

    def lines(self) -> list[str]:
        """The same for a person."""
        return [
            f"moved       {self.moved}",
            f"waiting     {self.waiting}  (each moves at the next sign-in)",
            *(f"  {count}  {HERSELF[reason]}" for reason, count in self.waiting_for.items()),
            f"impossible  {sum(self.impossible.values())}",
            *(f"  {count}  {REASONS[reason]}" for reason, count in self.impossible.items()),
        ]


class AccountMoves:
    """Counts who has moved. Reads all of both systems: seconds for a large pool."""

    def __init__(self, database: Database, accounts: CognitoAccounts) -> None:
        self._database = database
        self._accounts = accounts

    def count(self) -> AccountCounts:
        """How many have moved, can move by themselves, and need somebody for it, now.

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
            elif person.email in taken and person.reason not in REASONS:
                state = "duplicate_email"
            else:
                state = person.reason or "waiting"
            found.append((person.email, state))
        counts = Counter(state for _, state in found)
        waiting_for = {name: counts[name] for name in HERSELF if counts[name]}
        return AccountCounts(
            moved=counts["moved"],
            waiting=counts["waiting"] + sum(waiting_for.values()),
            impossible={name: counts[name] for name in REASONS if counts[name]},
            waiting_for=waiting_for,
            who=tuple((email, why) for email, why in found if why in HERSELF or why in REASONS),
        )

    def _people(self) -> list[former_accounts.FormerAccount]:
        # Supabase Auth stays where it is, also when its neighbours, the tables, have moved.
        try:
            with self._database.engines[SUPABASE].connect() as connection:
                return former_accounts.everyone(connection)
        except DBAPIError as error:
            raise Unavailable("Supabase's database does not show its accounts.") from error
