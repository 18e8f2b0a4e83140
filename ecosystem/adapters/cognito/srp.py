"""SRP through pycognito, made to use our client, our issuer and our keys."""

from typing import TYPE_CHECKING, Any

import pycognito

if TYPE_CHECKING:
    from ecosystem.adapters.cognito.pool import Cognito


class Flow(pycognito.Cognito):
    """pycognito's flow for one person, on our client, issuer and keys.

    It would derive the issuer from the endpoint; tokens name the real one everywhere.
    """

    def __init__(self, owner: "Cognito", client: Any, username: str) -> None:
        self._owner = owner
        super().__init__(
            owner._pool_id,
            owner._client_id,
            user_pool_region=owner._region,
            username=username,
            session=_Made(client),
        )

    @property
    def user_pool_url(self) -> str:
        return self._owner.issuer

    def verify_token(self, token: str, id_name: str, token_use: str) -> None:
        self._owner._identity(token, use=token_use)
        setattr(self, id_name, token)


class _Made:
    """Hands pycognito the client that exists: making one costs 50 ms."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, _name: str, **_options: Any) -> Any:
        return self._client
