"""Stripe's own library speaks HTTP through this: urllib3, without the layers above it.

What the environment says about proxies is read once; the library's default reads all of it at
every call, which costs as much processor as the call itself.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import stripe
import urllib3
from urllib3.exceptions import HTTPError, SSLError

CONNECTIONS = 16


class StripeHttp(stripe.HTTPClient):
    """One pool for all threads. ``seconds`` bound connecting, and each wait for an answer."""

    name = "urllib3"

    def __init__(self, seconds: float, address: str) -> None:
        """``address`` is that of Stripe or of what stands in for it."""
        super().__init__()
        settings: dict[str, Any] = {
            "ca_certs": stripe.ca_bundle_path,
            "maxsize": CONNECTIONS,
            "timeout": urllib3.Timeout(connect=seconds, read=seconds),
            # Whether to ask again is decided above, by Stripe's rules.
            "retries": False,
        }
        proxy = _proxy(address)
        self._pool: urllib3.PoolManager = (
            urllib3.ProxyManager(proxy, **settings) if proxy else urllib3.PoolManager(**settings)
        )

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers of an answer.

        Raises:
            stripe.APIConnectionError: there was none.
        """
        try:
            answer = self._pool.request(
                method.upper(), url, body=post_data, headers=headers, redirect=False
            )
        except HTTPError as error:
            raise stripe.APIConnectionError(
                f"Stripe was not reached: {error}", should_retry=not isinstance(error, SSLError)
            ) from error
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        self._pool.clear()


def _proxy(address: str) -> str:
    """The proxy for an address, by the environment; empty for none."""
    parts = urlsplit(address)
    return "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")
