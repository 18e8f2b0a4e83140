"""One's own account: second factor, signing out everywhere."""

from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.language import _
from ecosystem.domain.paths import HOME
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor, session_cookie
from ecosystem.state.toast import load_page, toast
from ecosystem.wiring import services


class AccountState(rx.State):
    """``secret`` is shown only while an authenticator app is being set up.

    ``wanted``: the agency asks for one before anything else. ``moves``: operators' sign-in is
    moving, and hers does with a new app and her password. ``phase`` is loading, shown or, while
    the provider can't be asked, unknown.
    """

    phase: str = "loading"

    secret: str = ""
    link: str = ""
    code_error: str = ""
    password_error: str = ""
    enrolled: bool = False
    moves: bool = False
    wanted: bool = False

    @rx.event
    @allow("signed_in")
    async def open(self) -> None:
        """Begin with nothing half done; say whether an app is asked for already."""
        self.reset()
        try:
            actor = await current_actor(self)
            self.wanted = actor.enrol_first
            self.enrolled = await call(services().sign_in.has_second_factor, actor)
            self.moves = self.enrolled and await call(services().sign_in.moves_with_app, actor)
        except EcosystemError:
            # The page is not worth less for it: signing out works, and so does an app.
            self.phase = "unknown"
            return
        self.phase = "shown"

    @rx.event
    @allow("signed_in", limit="code")
    async def start(self) -> EventSpec | None:
        """Show a secret for the authenticator app."""
        try:
            made = await call(services().sign_in.start_enrolment, session_cookie(self))
        except EcosystemError as error:
            return failed(error, "/account")
        self.secret = " ".join(made.secret[at : at + 4] for at in range(0, len(made.secret), 4))
        self.link, self.code_error, self.password_error = made.link, "", ""
        return None

    @rx.event
    @allow("signed_in", limit="code")
    async def finish(self, form: dict[str, Any]) -> EventSpec | None:
        """Prove that the app has the secret."""
        given = form if isinstance(form, dict) else {}
        typed = {name: given.get(name) or "" for name in ("code", "password")}
        try:
            await call(services().sign_in.finish_enrolment, session_cookie(self), typed)
        except EcosystemError as error:
            wrong = field_errors(error)
            self.code_error, self.password_error = wrong.get("code", ""), wrong.get("password", "")
            return None if wrong else failed(error, "/account")
        if self.wanted:
            return load_page(HOME["agent"])
        self.reset()
        self.enrolled, self.phase = True, "shown"
        return toast(_("From now on we ask for a code of your app."), "done")

    @rx.event
    @allow("signed_in")
    async def cancel(self) -> None:
        """Leave it as it was."""
        self.secret = self.link = self.code_error = self.password_error = ""

    @rx.event
    @allow("signed_in")
    async def sign_out_everywhere(self) -> EventSpec:
        """End every session of this person, this one included."""
        try:
            await call(services().sign_in.sign_out_everywhere, await current_actor(self))
        except EcosystemError as error:
            return failed(error, "/account")
        return load_page("/sign-in")
