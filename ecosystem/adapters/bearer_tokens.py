"""Bearer tokens signed with a provider's published keys (JWKS), checked one way for all.

What a token may be signed with is decided here and never by the token: asymmetric
algorithms only, so that neither ``alg=none`` nor a public key used as an HMAC secret passes.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from ecosystem.domain.errors import SignInRequired, Unavailable
from ecosystem.domain.language import _

LONGEST_TOKEN = 8_192
LEEWAY_SECONDS = 5
KEYS_LIVE_SECONDS = 3_600.0
UNKNOWN_KEY_SECONDS = 60.0
FIRST_FETCH_RETRY_SECONDS = 1.0

Fetch = Callable[[str], Mapping[str, Any]]


def fetch_json(url: str) -> Mapping[str, Any]:
    """GET a JSON object, within five seconds. Raises ``OSError`` or ``ValueError``."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        document = json.load(answer)
    if not isinstance(document, dict):
        raise ValueError("the key set is not a JSON object")
    return document


class KeySet:
    """The public keys of one issuer, fetched when needed and remembered for an hour.

    A ``kid`` we don't know means that keys were rotated, or that somebody plays: the set is
    fetched again, but at most once a minute.
    """

    def __init__(
        self,
        url: str,
        *,
        fetch: Fetch = fetch_json,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str) -> jwt.PyJWK:
        """The key with this id.

        Raises:
            SignInRequired: the issuer has no such key.
            Unavailable: the keys were never fetched and can't be fetched now.
        """
        with self._lock:
            known = self._keys.get(kid)
            age = self._clock() - self._asked_at
            patience = UNKNOWN_KEY_SECONDS if self._keys else FIRST_FETCH_RETRY_SECONDS
            if age >= (patience if known is None else KEYS_LIVE_SECONDS):
                self._refresh()
                known = self._keys.get(kid)
            if known is None and not self._keys:
                raise Unavailable(
                    _("Sign-in can't be checked at this moment. Try again in a moment.")
                )
        if known is None:
            raise _refused()
        return known

    def _refresh(self) -> None:
        self._asked_at = self._clock()
        try:
            document = self._fetch(self._url)
        except (OSError, ValueError):
            return  # keys that are known stay good; without any, find() says so
        keys: dict[str, jwt.PyJWK] = {}
        for item in document.get("keys", []):
            if not isinstance(item, dict) or item.get("use", "sig") != "sig":
                continue
            if item.get("kty") not in ("RSA", "EC") or not isinstance(item.get("kid"), str):
                continue
            try:
                keys[item["kid"]] = jwt.PyJWK.from_dict(item)
            except jwt.PyJWTError:
                continue
        if keys:
            self._keys = keys


def verified_claims(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    algorithms: tuple[str, ...],
    audience: str | None,
) -> dict[str, Any]:
    """The claims of a token, once signature, issuer, expiry and audience are right.

    ``audience=None`` leaves the audience to the caller (a Cognito access token has
    ``client_id`` instead). No key is fetched for a token of another issuer.

    Raises:
        SignInRequired: for anything else than a good token; never says why.
        Unavailable: the issuer's keys can't be had.
    """
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        raise _refused()
    try:
        header = jwt.get_unverified_header(token)
        claimed = jwt.decode(token, options={"verify_signature": False})
        kid = header.get("kid")
        if (
            header.get("alg") not in algorithms
            or not isinstance(kid, str)
            or claimed.get("iss") != issuer
        ):
            raise _refused()
        return jwt.decode(
            token,
            keys.find(kid),
            algorithms=list(algorithms),
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={
                "require": ["exp", "iss", "sub", *([] if audience is None else ["aud"])],
                "verify_aud": audience is not None,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise _refused() from error


def _refused() -> SignInRequired:
    return SignInRequired(_("This token is not valid. Sign in again."), code="invalid_token")
