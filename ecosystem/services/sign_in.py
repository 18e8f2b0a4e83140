"""Signing up, in and out: one door for customers, agents, operators and ops.

Agents, customers and ops live in Cognito, operators in Supabase Auth until they move
(``sign_in_moves``). Nobody has to know which: Cognito is asked first, Supabase if it doesn't
know these credentials. Whether an address is known here shows in no answer.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import people
from ecosystem.database.tables import PendingSignUp, Session
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import (
    EcosystemError,
    Invalid,
    SignInRequired,
    Unavailable,
)
from ecosystem.domain.ids import secret_token
from ecosystem.domain.language import _
from ecosystem.services.api_keys import ApiKeys
from ecosystem.services.bearers import Bearers
from ecosystem.services.challenges import Challenge, Challenges
from ecosystem.services.entering import CodeWanted, Enrolment, Entered
from ecosystem.services.form_notes import FormNotes
from ecosystem.services.forms import parse
from ecosystem.services.membership import Membership
from ecosystem.services.ports import (
    Clock,
    CognitoGroups,
    Identity,
    IdentityProvider,
    SecondFactorNeeded,
    SignedIn,
)
from ecosystem.services.sealing import Sealer
from ecosystem.services.sessions import Ended, Sessions
from ecosystem.services.sign_in_forms import (
    AddressForm,
    CodeForm,
    ConfirmForm,
    ResetForm,
    SignInForm,
    sign_up_form,
)
from ecosystem.services.sign_in_moves import SignInMoves
from ecosystem.services.sign_up_homes import SignUpHomes

log = logging.getLogger(__name__)

ISSUER = "Ecosystem"


class SignIn:
    """Everything about who somebody is. Safe between threads."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        cognito: IdentityProvider,
        supabase: IdentityProvider,
        groups: CognitoGroups,
        keys: ApiKeys,
        clock: Clock,
        moves: SignInMoves,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._providers = {"cognito": cognito, "supabase": supabase}
        self._groups = groups
        self._moves = moves
        self._membership = Membership(database, groups, clock)
        self._homes = SignUpHomes(cognito, supabase, self._membership)
        self._bearers = Bearers(cognito, supabase, groups, self._membership, keys, clock)
        self._challenges = Challenges(database, sessions.sealer("challenge"), clock)
        self.notes = FormNotes(sessions.sealer("form-note"), clock)

    # --- signing up -------------------------------------------------------------------

    def sign_up(self, data: Mapping[str, Any]) -> str:
        """Make an unconfirmed account; a code is mailed. Returns the address.

        A taken address gets the same answer: only its mailbox tells.

        Args:
            data: the fields of ``SignUpForm``.

        Raises:
            Invalid: names each wrong field.
            Unavailable: nothing was made.
        """
        form = sign_up_form(data)
        if form.invitation:
            role = self._membership.invited_as(form.invitation, form.email)
            form = form.model_copy(update={"role": role})
        provider = self._homes.of(form.role, form.email)[0]
        try:
            subject = provider.sign_up(form.email, form.password, form.name)
        except Invalid as error:
            if error.code == "email_taken":
                return form.email
            raise
        # If this process dies here, the code finds no note and the person signs up again,
        # which replaces the unconfirmed account.
        with self._database.unit(RDS) as session:
            people.put_pending(
                session,
                PendingSignUp(
                    email=form.email,
                    role=form.role,
                    subject=subject,
                    full_name=form.name,
                    organisation=form.organisation,
                    country=form.country,
                ),
            )
        return form.email

    def confirm(self, data: Mapping[str, Any]) -> str:
        """Confirm an address with the mailed code and finish the sign-up; returns it.

        Raises:
            Invalid: ``wrong_code`` or ``expired_code``; an unknown address looks the same.
        """
        form = parse(ConfirmForm, data)
        wish = self._wish(form.email)
        if wish is None:
            raise _wrong_code()
        if self._homes.confirm(wish.role, form.email, form.code) != wish.subject:
            raise _wrong_code()
        try:
            self._membership.finish(wish)
        except Unavailable:
            # The address is confirmed; the next sign-in finishes the rest.
            log.warning("a sign-up was confirmed and will be finished at the next sign-in")
        return form.email

    def resend(self, data: Mapping[str, Any]) -> str:
        """Mail the confirmation code again; silent about unknown addresses."""
        form = parse(AddressForm, data)
        wish = self._wish(form.email)
        self._homes.resend(wish.role if wish is not None else "customer", form.email)
        return form.email

    def _wish(self, email: str) -> PendingSignUp | None:
        with self._database.unit(RDS) as session:
            return people.pending(session, email)

    # --- signing in -------------------------------------------------------------------

    def sign_in(self, data: Mapping[str, Any], *, cookie: str = "") -> Entered | CodeWanted:
        """Check address and password.

        Args:
            data: ``email`` and ``password``.
            cookie: the session this browser has; it ends when a new one begins.

        Raises:
            Invalid: ``invalid_credentials`` for a wrong password and an unknown address
                alike; ``email_not_confirmed``; ``password_reset_required``.
            Forbidden: right credentials of somebody who has no access here.
        """
        form = parse(SignInForm, data)
        source, answer = self._prove(form.email, form.password)
        if isinstance(answer, SecondFactorNeeded):
            challenge = secret_token()
            self._challenges.keep(
                "sign-in", challenge, Challenge(source, answer.email, answer.state)
            )
            return CodeWanted(challenge)
        return self._enter(source, answer, cookie)

    def _prove(self, email: str, password: str) -> tuple[str, SignedIn | SecondFactorNeeded]:
        try:
            return "cognito", self._providers["cognito"].sign_in(email, password)
        except Unavailable as error:
            first: EcosystemError = error
        except Invalid as error:
            # Anybody can begin to sign up with an operator's address: that keeps nobody out.
            if error.code not in ("invalid_credentials", "email_not_confirmed"):
                raise
            first = error
        # An unknown address and a wrong password both come here, and take as long.
        try:
            answer = self._providers["supabase"].sign_in(email, password)
        except Invalid as error:
            if error.code != "invalid_credentials":
                raise
            raise first from error
        return self._moves.settle(email, password, answer, self._membership.of_supabase)

    def second_factor(
        self, challenge: str, data: Mapping[str, Any], *, cookie: str = ""
    ) -> Entered:
        """Answer with the code of the authenticator app, at most five times.

        Raises:
            Invalid: ``wrong_code``; ``expired_code`` when it is time to begin again.
        """
        form = parse(CodeForm, data)
        kept = self._challenges.attempt("sign-in", challenge)
        answer = self._providers[kept.source].answer_second_factor(
            SecondFactorNeeded(kept.email, kept.state), form.code
        )
        self._challenges.forget("sign-in", challenge)
        return self._enter(kept.source, answer, cookie, twice=True)

    def _enter(self, source: str, answer: SignedIn, cookie: str, *, twice: bool = False) -> Entered:
        """``twice``: she proved herself with a second factor too."""
        actor = self._actor(source, answer.identity)
        if twice:
            actor = replace(actor, enrol_first=False)
        made = self._sessions.create(actor, answer.tokens.refresh, instead_of=cookie)
        return Entered(actor.as_far_as_enrolled(), made)

    def _actor(self, source: str, identity: Identity) -> Actor:
        if source == "supabase":
            return self._membership.of_supabase(identity)
        return self._membership.of_cognito(identity)

    # --- signing out ------------------------------------------------------------------

    def sign_out(self, cookie: str) -> None:
        """End this browser's session, here at once; at the provider if it answers."""
        ended = self._sessions.end(cookie)
        if ended is not None:
            self._revoke([ended])

    def sign_out_everywhere(self, actor: Actor) -> int:
        """End all of a person's sessions; how many there were."""
        if actor.user_id is None:
            return 0
        ended = self._sessions.end_all(actor.user_id)
        self._revoke(ended)
        return len(ended)

    def look_again(self, user_id: UUID, keys: list[bytes]) -> None:
        """What a person may do was changed in the database, and in her sessions ``keys``."""
        self._sessions.look_again(keys)
        self._bearers.forget(user_id)

    def over(self, user_id: UUID, rows: list[Session]) -> None:
        """A person's access and her sessions were ended in the database."""
        ended = self._sessions.over(rows)
        self._bearers.forget(user_id)
        self._revoke(ended)

    def sealer(self, purpose: str) -> Sealer:
        """A sealer for something else that is mailed to people."""
        return self._sessions.sealer(purpose)

    def _revoke(self, ended: list[Ended]) -> None:
        for one in ended:
            if not one.refresh_token:
                continue
            try:
                self._providers[one.source].sign_out(one.refresh_token)
            except EcosystemError:
                # Our session is over in any case; the token lies nowhere any more.
                log.warning("%s did not revoke a refresh token", one.source)

    # --- forgotten password -----------------------------------------------------------

    def forgot_password(self, data: Mapping[str, Any]) -> str:
        """Have a reset code mailed; silent about whether the address exists."""
        form = parse(AddressForm, data)
        self._home(self._groups.find(form.email)).forgot_password(form.email)
        return form.email

    def reset_password(self, data: Mapping[str, Any]) -> str:
        """Set a new password with the mailed code, and sign the person out everywhere.

        Raises:
            Invalid: ``wrong_code``, ``expired_code``, ``weak_password``.
            Unavailable: set here, but not in the operators' system, which wants it too.
        """
        form = parse(ResetForm, data)
        known = self._groups.find(form.email)
        self._home(known).reset_password(form.email, form.code, form.password)
        self._revoke(self._sessions.end_all_of_email(form.email))
        self._moves.carry_password(known, form.password)
        return form.email

    def _home(self, known: Identity | None) -> IdentityProvider:
        return self._providers["cognito" if known is not None else "supabase"]

    # --- second factor ----------------------------------------------------------------

    def start_enrolment(self, cookie: str) -> Enrolment:
        """A secret for the authenticator app of whoever is signed in with ``cookie``.

        Raises:
            SignInRequired: nobody is, or too long ago for the provider.
        """
        actor, access = self._access(cookie)
        if actor.source == "supabase" and self._has_moved(actor.email):
            # This session began before she moved; an app set up at Supabase would be asked for
            # by nobody.
            raise SignInRequired(_("Sign in again first."))
        if self.moves_with_app(actor):
            secret, state = self._moves.begin_app(actor)
        else:
            secret, state = self._providers[actor.source].start_second_factor(access)
        self._challenges.keep("enrol", cookie, Challenge(actor.source, actor.email, state))
        label = quote(f"{ISSUER}:{actor.email}")
        return Enrolment(
            secret,
            f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": ISSUER}),
        )

    def finish_enrolment(self, cookie: str, data: Mapping[str, Any]) -> None:
        """Prove the secret with a code; from now on every sign-in asks for one.

        ``data`` has the person's ``password`` too if she moves with it (``moves_with_app``).

        Raises:
            Invalid: ``wrong_code``; ``expired_code`` when it is time to begin again;
                ``invalid_credentials``.
        """
        form = parse(CodeForm, {"code": data.get("code")})
        kept = self._challenges.attempt("enrol", cookie)
        actor, access = self._access(cookie)
        if kept.state.get("moves"):
            self._moves.finish_app(actor, kept.state, dict(data))
        else:
            self._providers[actor.source].finish_second_factor(access, kept.state, form.code)
        self._challenges.forget("enrol", cookie)
        if actor.user_id is not None:
            self._sessions.enrolled(actor.user_id)

    def has_second_factor(self, actor: Actor) -> bool:
        """Whether sign-in asks this person for a code of an authenticator app.

        Raises:
            SignInRequired: nobody is signed in.
        """
        if actor.source not in self._providers:
            raise SignInRequired(_("Sign in first."))
        return self._providers[actor.source].has_second_factor(actor.email, str(actor.user_id))

    def moves_with_app(self, actor: Actor) -> bool:
        """Whether a new authenticator app, set up now, takes this person's sign-in to Cognito:
        she has one at Supabase, which is what keeps her there."""
        return (
            self._moves.on
            and actor.source == "supabase"
            and not self._has_moved(actor.email)
            and self.has_second_factor(actor)
        )

    def _has_moved(self, email: str) -> bool:
        found = self._groups.find(email)
        return found is not None and bool(found.supabase_id)

    def _access(self, cookie: str) -> tuple[Actor, str]:
        actor, refresh_token = self._sessions.refresh_token(cookie)
        if not refresh_token:
            raise SignInRequired(_("Sign in again first."))
        tokens = self._providers[actor.source].refresh(actor.email, refresh_token)
        if tokens.refresh and tokens.refresh != refresh_token:
            self._sessions.keep_refresh_token(cookie, tokens.refresh)
        return actor, tokens.access

    # --- who calls --------------------------------------------------------------------

    def actor_for_session(self, cookie: str) -> Actor:
        """Who is signed in with this cookie; a guest if nobody is."""
        return self._sessions.find(cookie) or GUEST

    def actor_for_token(self, token: str) -> Actor:
        """Whose bearer token this is: Cognito access or id, Supabase access, or an API key.

        Raises:
            SignInRequired: not a good token of anybody.
            Forbidden: somebody who has no access here.
        """
        return self._bearers.actor(token)


def _wrong_code() -> Invalid:
    return Invalid.one(
        "code", _("That code is wrong or has expired. Use the latest one."), code="wrong_code"
    )
