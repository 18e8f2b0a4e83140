"""Bearer tokens that somebody forged, kept too long, or got for something else."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from ecosystem.adapters.bearer_tokens import KeySet, verified_claims
from ecosystem.adapters.cognito import Cognito
from ecosystem.adapters.supabase_auth import SupabaseAuth
from ecosystem.domain.errors import SignInRequired, Unavailable
from ecosystem.services.ports import Identity

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
OTHER_EC = ec.generate_private_key(ec.SECP256R1())

REGION, POOL, CLIENT = "eu-west-1", "eu-west-1_abc", "our-client"
COGNITO_ISSUER = f"https://cognito-idp.{REGION}.amazonaws.com/{POOL}"
SUPABASE_URL = "https://project.supabase.example"
SUBJECT = "2f6d3bb6-7d3a-4b8f-9a53-1df1a4a6a001"


def jwk(key: Any, kid: str) -> dict[str, Any]:
    kind: Any = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig"}


KEYS = {
    "keys": [
        jwk(RSA, "rsa"),
        jwk(EC, "ec"),
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "oct", "alg": "HS256"},
        {**jwk(OTHER_RSA, "encryption"), "use": "enc"},
    ]
}


class TestCognito:
    """Tokens of the user pool."""

    @pytest.fixture
    def verify(self) -> Any:
        port = Cognito(REGION, POOL, CLIENT, "http://127.0.0.1:9")
        port._keys = KeySet("", fetch=lambda _url: KEYS)
        yield port.verify_token
        port.close()

    @staticmethod
    def claims(**changes: Any) -> dict[str, Any]:
        claims = {
            "sub": SUBJECT,
            "iss": COGNITO_ISSUER,
            "token_use": "access",
            "client_id": CLIENT,
            "exp": int(time.time()) + 300,
            "cognito:groups": ["agents"],
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    @staticmethod
    def sign(claims: dict[str, Any], key: Any = RSA, alg: str = "RS256", kid: str = "rsa") -> str:
        return jwt.encode(claims, key, algorithm=alg, headers={"kid": kid})

    def test_the_genuine_ones_pass(self, verify: Callable[[str], Identity]) -> None:
        assert verify(self.sign(self.claims())).groups == ("agents",)
        identity = verify(
            self.sign(
                self.claims(
                    token_use="id",
                    aud=CLIENT,
                    client_id=None,
                    email="Ada@People.example",
                    email_verified=True,
                )
            )
        )
        assert (identity.subject, identity.email) == (SUBJECT, "ada@people.example")

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": int(time.time()) - 60},
            {"exp": None},
            {"iss": COGNITO_ISSUER.replace("abc", "evil")},
            {"iss": None},
            {"sub": None},
            {"client_id": "another-client"},
            {"client_id": None},
            {"client_id": None, "aud": CLIENT},
            {"token_use": "id"},
            {"token_use": "id", "aud": "another-client"},
            {"token_use": "id", "aud": "another-client", "client_id": CLIENT},
            {"token_use": "refresh"},
            {"token_use": None},
            {"nbf": int(time.time()) + 600},
        ],
    )
    def test_wrong_claims_are_refused(
        self, verify: Callable[[str], Identity], changes: dict[str, Any]
    ) -> None:
        with pytest.raises(SignInRequired):
            verify(self.sign(self.claims(**changes)))

    def test_an_unproved_address_is_none(self, verify: Callable[[str], Identity]) -> None:
        claims = self.claims(token_use="id", aud=CLIENT, email="victim@people.example")
        assert verify(self.sign({**claims, "email_verified": False})).email == ""
        assert verify(self.sign(claims)).email == ""

    def test_other_keys_and_algorithms_are_refused(self, verify: Callable[[str], Identity]) -> None:
        claims = self.claims()
        public = RSA.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        forged = [
            self.sign(claims, OTHER_RSA),
            self.sign(claims, OTHER_RSA, kid="encryption"),
            self.sign(claims, EC, "ES256", "ec"),
            self.sign(claims, EC, "ES256", "rsa"),
            self.sign(claims, RSA, "RS512"),
            self.sign(claims, b"secret-secret-secret-secret-secret", "HS256", "oct"),
            hs256_by_hand(claims, public),
            unsigned(claims, "none"),
            unsigned(claims, "None"),
            unsigned(claims, "RS256"),
            tampered(self.sign(claims)),
            jwt.encode(claims, RSA, algorithm="RS256"),
        ]
        for token in forged:
            with pytest.raises(SignInRequired):
                verify(token)


class TestSupabase:
    """Tokens of the Supabase project."""

    @pytest.fixture
    def verify(self) -> Any:
        port = SupabaseAuth(SUPABASE_URL, "anon", "service")
        port._keys = KeySet("", fetch=lambda _url: KEYS)
        yield port._identity
        port.close()

    @staticmethod
    def claims(**changes: Any) -> dict[str, Any]:
        claims = {
            "sub": SUBJECT,
            "iss": f"{SUPABASE_URL}/auth/v1",
            "aud": "authenticated",
            "role": "authenticated",
            "email": "Ada@People.example",
            "aal": "aal2",
            "exp": int(time.time()) + 300,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    @staticmethod
    def sign(claims: dict[str, Any], key: Any = EC, alg: str = "ES256", kid: str = "ec") -> str:
        return jwt.encode(claims, key, algorithm=alg, headers={"kid": kid})

    def test_the_genuine_ones_pass(self, verify: Callable[[str], Identity]) -> None:
        identity = verify(self.sign(self.claims()))
        assert identity == Identity(SUBJECT, "ada@people.example", assurance="aal2")
        assert verify(self.sign(self.claims(), RSA, "RS256", "rsa")).subject == SUBJECT

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": int(time.time()) - 60},
            {"exp": None},
            {"aud": "anon"},
            {"aud": None},
            {"iss": "https://evil.supabase.example/auth/v1"},
            {"iss": COGNITO_ISSUER},
            {"sub": None},
            {"role": "service_role"},
            {"role": "anon"},
            {"is_anonymous": True},
        ],
    )
    def test_wrong_claims_are_refused(
        self, verify: Callable[[str], Identity], changes: dict[str, Any]
    ) -> None:
        with pytest.raises(SignInRequired):
            verify(self.sign(self.claims(**changes)))

    def test_other_keys_and_algorithms_are_refused(self, verify: Callable[[str], Identity]) -> None:
        claims = self.claims()
        public = EC.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        forged = [
            self.sign(claims, OTHER_EC),
            self.sign(claims, b"secret-secret-secret-secret-secret", "HS256", "oct"),
            hs256_by_hand(claims, public, "ec"),
            unsigned(claims, "none"),
            unsigned(claims, "ES256"),
            tampered(self.sign(claims)),
            self.sign(claims, kid="unknown"),
        ]
        for token in forged:
            with pytest.raises(SignInRequired):
                verify(token)


# --- the keys --------------------------------------------------------------------------


def test_unknown_keys_are_asked_for_once_a_minute() -> None:
    now, asked = [0.0], []

    def fetch(url: str) -> dict[str, Any]:
        asked.append(url)
        return KEYS

    keys = KeySet("https://keys.example", fetch=fetch, clock=lambda: now[0])
    keys.find("rsa")
    for _ in range(100):
        with pytest.raises(SignInRequired):
            keys.find("unknown")
    assert len(asked) == 1
    now[0] = 61
    with pytest.raises(SignInRequired):
        keys.find("unknown")
    assert len(asked) == 2
    keys.find("rsa")
    now[0] = 4_000
    keys.find("rsa")
    assert len(asked) == 3, "known keys are read again once an hour"


def test_keys_that_are_known_stay_good_while_the_issuer_is_away() -> None:
    now, answers = [0.0], [KEYS]

    def fetch(_url: str) -> dict[str, Any]:
        if not answers:
            raise OSError("away")
        return answers.pop()

    keys = KeySet("", fetch=fetch, clock=lambda: now[0])
    keys.find("rsa")
    now[0] = 10_000
    keys.find("rsa")
    nothing = KeySet("", fetch=fetch, clock=lambda: now[0])
    with pytest.raises(Unavailable):
        nothing.find("rsa")


def test_a_foreign_issuer_costs_no_request() -> None:
    def fetch(_url: str) -> dict[str, Any]:
        raise AssertionError("asked for keys")

    token = jwt.encode(
        {"iss": "https://evil.example", "sub": "x", "exp": time.time() + 60},
        RSA,
        algorithm="RS256",
        headers={"kid": "rsa", "jku": "https://evil.example/keys", "x5u": "https://evil.example"},
    )
    with pytest.raises(SignInRequired):
        verified_claims(
            token,
            KeySet("", fetch=fetch),
            issuer=COGNITO_ISSUER,
            algorithms=("RS256",),
            audience=None,
        )


def hs256_by_hand(claims: dict[str, Any], key: bytes, kid: str = "rsa") -> str:
    """A public key used as an HMAC secret, which libraries refuse to sign with."""
    head = base64url({"alg": "HS256", "typ": "JWT", "kid": kid})
    signed = f"{head}.{base64url(claims)}"
    mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64url_encode(mac).decode()}"


def unsigned(claims: dict[str, Any], alg: str) -> str:
    return f"{base64url({'alg': alg, 'typ': 'JWT', 'kid': 'rsa'})}.{base64url(claims)}."


def tampered(token: str) -> str:
    """The same signature under more groups."""
    head, body, signature = token.split(".")
    claims = json.loads(base64url_decode(body))
    return f"{head}.{base64url({**claims, 'cognito:groups': ['ops']})}.{signature}"


def base64url(value: dict[str, Any]) -> str:
    return base64url_encode(json.dumps(value).encode()).decode()
