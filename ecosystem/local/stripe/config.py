"""How one stand-in is set up: keys, addresses, where its state lies."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StandInConfig:
    """Everything that differs between two running stand-ins.

    Attributes:
        data_dir: folder of the one SQLite file; made if missing.
        secret_key: the only API key that is accepted.
        public_url: scheme, host and port under which browsers reach the hosted pages,
            no slash at the end.
        webhook_url: where events of the platform's own account go; empty: nowhere.
        connect_webhook_url: where events of connected accounts go; empty: nowhere.
        return_brand: the name on the hosted pages, of the business one pays.
        country: two letters; the platform's own, and the default of new accounts.
        retry_base_seconds: wait before the first repeated webhook; it doubles each time.
        retry_cap_seconds: the longest wait between two attempts.
        retry_attempts: after so many attempts a webhook is given up.
        wall: seconds since 1970; replaced in tests.
    """

    data_dir: Path
    secret_key: str
    public_url: str
    webhook_url: str = ""
    webhook_secret: str = ""
    connect_webhook_url: str = ""
    connect_webhook_secret: str = ""
    return_brand: str = "Ecosystem"
    country: str = "DE"
    retry_base_seconds: float = 0.5
    retry_cap_seconds: float = 300.0
    retry_attempts: int = 60
    wall: Callable[[], float] = time.time
