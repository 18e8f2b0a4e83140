"""The project's signing key and the access tokens made with it."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from ecosystem.local.supabase_auth.errors import AuthError

AUDIENCE = "authenticated"
KEY_FILE = "supabase-auth-signing-key.pem"


class Signer:
    """Signs and reads ES256 access tokens with a key that is kept between starts."""

    def __init__(self, data_dir: Path, issuer: str) -> None:
        self._issuer = issuer
        self._key = _load_or_create(data_dir / KEY_FILE)
        self._public = self._key.public_key()
        public_jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self._public))
        self._kid = _thumbprint(public_jwk)
        self.key_set: dict[str, list[dict[str, Any]]] = {
            "keys": [
                {
                    **public_jwk,
                    "alg": "ES256",
                    "use": "sig",
                    "key_ops": ["verify"],
                    "kid": self._kid,
                    "ext": True,
                }
            ]
        }

    def sign(self, claims: dict[str, Any]) -> str:
        """An access token; ``iss`` and ``aud`` are added here."""
        return jwt.encode(
            {"iss": self._issuer, "aud": AUDIENCE, **claims},
            self._key,
            algorithm="ES256",
            headers={"kid": self._kid},
        )

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token of ours that has not expired.

        Raises:
            AuthError: 403 ``bad_jwt``.
        """
        try:
            return jwt.decode(
                token,
                self._public,
                algorithms=["ES256"],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": ["sub", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise AuthError(403, "bad_jwt", f"invalid JWT: {error}") from error


def _load_or_create(path: Path) -> ec.EllipticCurvePrivateKey:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        # mkstemp opens with mode 0600; the link appears whole or not at all, and a
        # start at the same time keeps the key that came first.
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(pem)
            if not path.exists():
                Path(temporary).rename(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no elliptic-curve key; remove it to get a new one")
    return key


def _thumbprint(jwk: dict[str, Any]) -> str:
    """RFC 7638: the same key always has the same id."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
