"""Finding from anywhere at a desk: clients, bookings, proposals, trips and more by a few words.

Nothing is looked up here: each list is asked as its own page asks it, so whoever may not see
something there does not find it here either.
"""

from collections.abc import Iterator

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Forbidden
from ecosystem.domain.finding import Found
from ecosystem.services.agency_access import agency_of
from ecosystem.services.agency_profile import AgencyProfiles
from ecosystem.services.bookings import Bookings
from ecosystem.services.clients import Clients
from ecosystem.services.operator_access import operator_of
from ecosystem.services.operator_desk import OperatorDesk
from ecosystem.services.operator_terms import OperatorTerms
from ecosystem.services.quotes import Quotes
from ecosystem.services.search import Search

EACH = 5
"""Most of a kind: who wants more goes to its list."""
LONGEST_WORDS = 100


class Finder:
    """Only what the actor's own desk shows."""

    def __init__(
        self,
        bookings: Bookings,
        clients: Clients,
        quotes: Quotes,
        search: Search,
        desk: OperatorDesk,
        operator_terms: OperatorTerms,
        agencies: AgencyProfiles,
    ) -> None:
        self._bookings = bookings
        self._clients = clients
        self._quotes = quotes
        self._search = search
        self._desk = desk
        self._operator_terms = operator_terms
        self._agencies = agencies

    def find(self, actor: Actor, words: str) -> tuple[Found, ...]:
        """What the words fit, kind by kind, at most ``EACH`` of one; nothing for no words.

        Raises:
            Forbidden: nobody who works at a desk.
        """
        asked = words.strip()[:LONGEST_WORDS]
        kinds = {"agent": self._of_agency, "provider": self._of_operator, "ops": self._of_all}
        if actor.role not in kinds:
            raise Forbidden("This is for those who work here.")
        return tuple(kinds[actor.role](actor, asked)) if asked else ()

    def _of_agency(self, actor: Actor, words: str) -> Iterator[Found]:
        agency_of(actor)
        for one in self._clients.find(actor, words=words, limit=EACH).items:
            yield Found("client", str(one.id), one.name, one.email or one.phone)
        yield from self._found_bookings(actor, words)
        for quote in self._quotes.rows(actor, words=words, limit=EACH).items:
            detail = f"{quote.number} · {quote.client_name}"
            yield Found("quote", str(quote.id), quote.title, detail)
        trips = [one for one in self._search.suggest(words) if one.kind == "package"]
        for trip in trips[:EACH]:
            yield Found("trip", trip.value, trip.label, trip.detail)

    def _of_operator(self, actor: Actor, words: str) -> Iterator[Found]:
        operator_of(actor)
        packages, _total = self._desk.packages(actor, words=words, limit=EACH)
        for one in packages:
            yield Found("package", str(one.id), one.title, one.status.capitalize())
        yield from self._found_bookings(actor, words)

    def _of_all(self, actor: Actor, words: str) -> Iterator[Found]:
        yield from self._found_bookings(actor, words)
        for operator in self._operator_terms.operators(actor, words)[:EACH]:
            yield Found("operator", operator.name, operator.name, operator.slug)
        for agency in self._agencies.agencies(actor, words)[:EACH]:
            yield Found("agency", agency.name, agency.name, agency.country)

    def _found_bookings(self, actor: Actor, words: str) -> Iterator[Found]:
        for row in self._bookings.rows(actor, words=words, limit=EACH).items:
            yield Found("booking", row.reference, row.lead_name, f"{row.reference} · {row.title}")
