"""What a reader chose to read in: her language, and the currency amounts are shown in.

A browser keeps both in cookies; a customer's row keeps them for her other browsers.
"""

from dataclasses import dataclass

from ecosystem.database.placement import RDS
from ecosystem.database.queries import people
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.currencies import shown
from ecosystem.domain.errors import Invalid
from ecosystem.domain.language import LANGUAGES, _


@dataclass(frozen=True)
class Choices:
    """``language`` is a code of ``LANGUAGES``, ``currency`` one of ``SHOWN``.

    Empty means that nothing was chosen: the browser's language, amounts as they are charged.
    """

    language: str = ""
    currency: str = ""


def chosen(language: object, currency: object) -> Choices:
    """Choices from anybody's input; what is none of ours counts as not chosen."""
    known = language if isinstance(language, str) and language in LANGUAGES else ""
    return Choices(known, shown(currency))


class Readers:
    """Keeps customers' choices. Everybody else's are in their browser alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def choose(self, actor: Actor, *, language: str | None, currency: str | None) -> None:
        """Keep what a reader chose; ``None`` leaves that choice as it was.

        An empty ``currency`` takes back the choice of one.

        Raises:
            Invalid: not a language or currency that is offered.
        """
        if language is not None and language not in LANGUAGES:
            raise Invalid.one("language", _("Choose one of the languages on offer."))
        if currency and not shown(currency):
            raise Invalid.one("currency", _("Choose one of the currencies on offer."))
        if actor.role == "customer" and actor.user_id is not None:
            with self._database.unit(RDS) as session:
                people.put_choices(session, actor.user_id, language, currency)

    def meet(self, actor: Actor, browser: Choices) -> Choices:
        """What a browser goes by from now on in which ``actor`` has just signed in.

        What was chosen in it before holds, and is kept for her if she had chosen nothing yet.
        For everything else it gets what she chose elsewhere.
        """
        if actor.role != "customer" or actor.user_id is None:
            return browser
        with self._database.unit(RDS) as session:
            kept = Choices(*people.choices(session, actor.user_id))
            language = browser.language if browser.language and not kept.language else None
            currency = browser.currency if browser.currency and not kept.currency else None
            people.put_choices(session, actor.user_id, language, currency)
        return Choices(browser.language or kept.language, browser.currency or kept.currency)
