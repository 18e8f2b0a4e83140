"""Doing many things of which each may fail for itself."""

import logging
from collections.abc import Callable
from typing import ParamSpec
from uuid import UUID

from ecosystem.domain.errors import EcosystemError

log = logging.getLogger(__name__)

Args = ParamSpec("Args")


def apart(
    act: Callable[Args, object], subject: UUID | str, *args: Args.args, **kwargs: Args.kwargs
) -> bool:
    """Do one of many, and whether it went well; what goes wrong with it is logged and stays its
    own affair."""
    try:
        act(*args, **kwargs)
        return True
    except EcosystemError as error:
        log.warning("%s: not reconciled yet: %s %s", subject, error.code, error.detail)
    except Exception:
        log.exception("%s: reconciling failed", subject)
    return False
