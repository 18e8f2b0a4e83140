"""What the sign-in pages show of the note that the API sent back with the form."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.domain.paths import own_path
from ecosystem.services.sign_in_forms import country_names
from ecosystem.state.address import query
from ecosystem.state.guard import allow
from ecosystem.wiring import services

FIELDS = ("role", "name", "email", "password", "organisation", "country", "code")
NOTHING: dict[str, str] = dict.fromkeys(FIELDS, "")


def country_options() -> list[tuple[str, str]]:
    """What a company chooses its country from."""
    return [("", _("Choose a country")), *country_names()]


class AccountFormState(rx.State):
    """Messages and what to fill in again. The forms themselves are posted by the browser.

    ``drawn`` changes when a note was read: the fields are then drawn anew with its values.
    """

    drawn: str = "empty"
    code: str = ""
    problem: str = ""
    done: str = ""
    errors: dict[str, str] = NOTHING
    values: dict[str, str] = NOTHING
    next: str = ""

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Read the note in the page's address; without one everything is empty."""
        given = query(self)
        note = services().sign_in.notes.read(given.get("f"))
        self.code, self.problem, self.done = note.code, note.problem, note.done
        self.errors = {name: note.fields.get(name, "") for name in FIELDS}
        self.values = {name: note.values.get(name, "") for name in FIELDS}
        self.next = own_path(given.get("next"))
        self.drawn = given.get("f", "")[-16:] or "empty"
