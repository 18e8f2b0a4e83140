"""Operators' people move from Supabase Auth to Cognito, each at her next sign-in.

No password hash can be carried over, so the move happens in the request in which she types the
right password: Supabase has just vouched for her (she is confirmed, not blocked, not deleted,
and has a password), Cognito gets an account with that password, and she is signed in there.
She notices nothing and keeps her user id.

Once an account is hers at Cognito, only its password counts: what Supabase says of an older one
lets nobody in. Who has an authenticator app at Supabase stays there until she has set up a new one
(``begin_app``, ``finish_app``): with her password alone the account at Cognito would be less
protected than the one she has.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, Invalid, Unavailable
from ecosystem.domain.language import _
from ecosystem.services.forms import parse
from ecosystem.services.ports import (
    CognitoAccounts,
    FormerHome,
    Identity,
    IdentityProvider,
    SecondFactorNeeded,
    SignedIn,
)
from ecosystem.services.sign_in_forms import AppMoveForm, new_password

log = logging.getLogger(__name__)

Proof = SignedIn | SecondFactorNeeded


class SignInMoves:
    """Decides, after a right password at Supabase, where the person signs in. Thread-safe."""

    def __init__(
        self,
        database: Database,
        cognito: IdentityProvider,
        accounts: CognitoAccounts,
        supabase: FormerHome,
        *,
        on: bool,
    ) -> None:
        """``on`` is SIGN_IN_MOVES; off leaves everybody where she is."""
        self._database = database
        self._cognito = cognito
        self._accounts = accounts
        self._supabase = supabase
        self.on = on

    def settle(
        self,
        email: str,
        password: str,
        proof: Proof,
        actor_of: Callable[[Identity], Actor],
    ) -> tuple[str, Proof]:
        """Where she is signed in now, and with what.

        Args:
            email: in lower case.
            password: right at Supabase, refused by Cognito.
            proof: what Supabase answered.
            actor_of: who a Supabase identity is here; raises ``Forbidden`` for nobody.

        Raises:
            Invalid: she has moved, and this is not her password.
            Forbidden: nobody of an operator; nothing was made.
            Unavailable: Cognito can't say whether she has moved.
        """
        if not self.on:
            return "supabase", proof
        holder = self._accounts.holder(email)
        if holder is not None and holder.moved:
            self._leave(proof)
            # Another tab of hers may have moved her since Cognito was asked.
            return "cognito", self._cognito.sign_in(email, password)
        if isinstance(proof, SecondFactorNeeded) or not _good_enough(password):
            return "supabase", proof
        actor = actor_of(proof.identity)
        try:
            self._accounts.take_in(email, actor.name, password, proof.identity.subject)
            signed_in = self._cognito.sign_in(email, password)
        except EcosystemError as error:
            # She proved herself and comes in; the next sign-in tries again.
            log.warning("user %s did not move to Cognito: %s", actor.user_id, error.code)
            return "supabase", proof
        self._leave(proof)
        self._moved(actor)
        return "cognito", signed_in

    # --- somebody with an authenticator app --------------------------------------------

    def begin_app(self, actor: Actor) -> tuple[str, dict[str, Any]]:
        """Begin the move of somebody who is signed in and has an app at Supabase.

        Nothing changes for her until ``finish_app``.

        Returns:
            The new app's secret (base32), and the state that ``finish_app`` wants.

        Raises:
            Invalid: ``email_taken``: the address is somebody else's at Cognito.
        """
        secret, access = self._accounts.begin_app(actor.email, actor.name, str(actor.user_id))
        return secret, {"moves": True, "access": access}

    def finish_app(self, actor: Actor, state: dict[str, Any], data: dict[str, Any]) -> None:
        """Move her: from the next sign-in on Cognito asks for her password and the new app.

        Args:
            state: of ``begin_app``.
            data: ``code`` of the new app, ``password`` as it is at Supabase.

        Raises:
            Invalid: ``wrong_code``; ``invalid_credentials``; a password that Cognito refuses.
        """
        form = parse(AppMoveForm, data)
        proof = self._supabase.sign_in(actor.email, form.password)
        self._leave(proof)
        if not _good_enough(form.password):
            raise Invalid.one(
                "password",
                _("The new system wants a longer password. Choose a new one first."),
                code="weak_password",
            )
        self._accounts.finish_app(
            actor.email, str(state["access"]), form.code, form.password, str(actor.user_id)
        )
        self._moved(actor)

    def _moved(self, actor: Actor) -> None:
        with self._database.unit(RDS) as session:
            moved = replace(actor, source="cognito")
            audit.record(session, moved, "account.moved", "user", actor.user_id)

    # --- both systems ------------------------------------------------------------------

    def carry_password(self, identity: Identity | None, password: str) -> None:
        """Give Supabase the new password of a moved person too: until Supabase is retired, the
        legacy application signs her in there, and so would a way back.

        Raises:
            Unavailable: it was set at Cognito alone.
        """
        if identity is None or not identity.supabase_id:
            return
        try:
            self._supabase.set_password(str(UUID(identity.supabase_id)), password)
        except EcosystemError as error:
            log.warning("user %s has two passwords: %s", identity.supabase_id, error.code)
            raise Unavailable(
                "Your new password is set here, but the operators' older system did not take it."
                " Ask for another code and set it again."
            ) from error

    def _leave(self, proof: Proof) -> None:
        """End the session that proving the password began at Supabase."""
        refresh, access = (
            (proof.tokens.refresh, proof.tokens.access)
            if isinstance(proof, SignedIn)
            else (str(proof.state.get("refresh", "")), str(proof.state.get("access", "")))
        )
        try:
            self._supabase.sign_out(refresh, access)
        except EcosystemError:
            log.warning("a session that nobody uses was left at Supabase")


def _good_enough(password: str) -> bool:
    """Whether Cognito's rules accept it; a weaker one stays at Supabase until it is changed."""
    try:
        new_password(password)
    except ValueError:
        return False
    return True
