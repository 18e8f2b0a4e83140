"""How our AWS clients are made, and how their errors read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ecosystem.domain.errors import Unavailable


def client(service: str, region: str, endpoint_url: str = "", **settings: Any) -> Any:
    """A boto3 client with short timeouts. With an ``endpoint_url`` it talks to the
    stand-in with its fixed keys; without, to AWS with the process's own role. ``settings``
    are more of botocore's ``Config``."""
    local: dict[str, Any] = (
        {
            "endpoint_url": endpoint_url,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
        }
        if endpoint_url
        else {}
    )
    return boto3.client(
        service,
        region_name=region,
        config=Config(
            connect_timeout=3,
            read_timeout=10,
            retries={"max_attempts": 3, "mode": "standard"},
            **settings,
        ),
        **local,
    )


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Turn a vendor's failure into ``Unavailable``, naming the part."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(
            f"{what} does not answer at the moment. Nothing is lost; we try again.",
            code="unavailable",
            what=what,
        ) from error
