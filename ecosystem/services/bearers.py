"""Who calls with a bearer token: of Cognito, of Supabase Auth, or an API key of ours."""

import hashlib
import threading
from dataclasses import replace
from uuid import UUID

from cachetools import TTLCache

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import SignInRequired
from ecosystem.domain.language import _
from ecosystem.services.api_keys import PREFIX, ApiKeys
from ecosystem.services.membership import Membership
from ecosystem.services.ports import Clock, CognitoGroups, IdentityProvider

TOKEN_REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 10_000


class Bearers:
    """From tokens to actors, each remembered for five seconds. Thread-safe."""

    def __init__(
        self,
        cognito: IdentityProvider,
        supabase: IdentityProvider,
        groups: CognitoGroups,
        membership: Membership,
        keys: ApiKeys,
        clock: Clock,
    ) -> None:
        self._cognito = cognito
        self._supabase = supabase
        self._groups = groups
        self._membership = membership
        self._keys = keys
        self._known: TTLCache[bytes, Actor] = TTLCache(
            MOST_REMEMBERED, TOKEN_REMEMBERED_SECONDS, timer=lambda: clock.now().timestamp()
        )
        self._lock = threading.Lock()

    def actor(self, token: str) -> Actor:
        """Whose bearer token this is: Cognito access or id, Supabase access, or an API key.

        Raises:
            SignInRequired: not a good token of anybody.
            Forbidden: somebody who has no access here.
        """
        if token.startswith(PREFIX):
            # Looked up each time: a key that is revoked is over at once, everywhere.
            return self._keys.actor(token)
        key = hashlib.sha256(token.encode()).digest()
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        actor = self._verified(token)
        with self._lock:
            self._known[key] = actor
        return actor

    def forget(self, user_id: UUID) -> None:
        """What a person may do has changed: look at her tokens anew."""
        with self._lock:
            for key in [key for key, actor in self._known.items() if actor.user_id == user_id]:
                self._known.pop(key, None)

    def _verified(self, token: str) -> Actor:
        try:
            identity = self._cognito.verify_token(token)
        except SignInRequired:
            return self._membership.of_supabase(self._supabase.verify_token(token))
        if not identity.email or identity.supabase_id:
            # An access token names nobody's address; the pool knows it. An operator's person may
            # have been blocked since the token was made.
            found = self._groups.find(identity.subject)
            if found is None:
                raise SignInRequired(_("This account is closed."), code="invalid_token")
            identity = found
        actor = self._membership.of_cognito(identity)
        if actor.enrol_first and self._cognito.has_second_factor(identity.email, identity.subject):
            actor = replace(actor, enrol_first=False)
        return actor.as_far_as_enrolled()
