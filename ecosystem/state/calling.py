"""Calling services from the event loop without ever blocking it.

    try:
        view = await call(services().holds.place, actor, …)
    except EcosystemError as error:
        return failed(error)

A service call runs in our own bounded threads. When they and their queue are
full the answer is ``Unavailable`` at once: a person who waits without a word is
worse off than one who is told to try again.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar

from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, SignInRequired, Unavailable
from ecosystem.domain.language import _
from ecosystem.settings import load
from ecosystem.state.toast import load_page, toast

log = logging.getLogger(__name__)

QUEUE_PER_THREAD = 8

P = ParamSpec("P")
T = TypeVar("T")


class Calls:
    """As many threads as the pool has connections, and a short queue before them."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="call")
        self._places = threading.BoundedSemaphore(threads * (1 + QUEUE_PER_THREAD))

    async def run(self, act: Callable[[], T]) -> T:
        """Run ``act`` in a thread that speaks the caller's language.

        Raises:
            Unavailable: the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable(
                _("Too many people are asking at this moment. Nothing was changed; try again."),
                code="busy",
            )
        # A thread begins without the context of who started it, and so without a language.
        within = copy_context().run
        future = asyncio.get_running_loop().run_in_executor(self._threads, within, act)
        future.add_done_callback(lambda _done: self._places.release())
        return await future


@lru_cache(maxsize=1)
def _calls() -> Calls:
    return Calls(load().database_pool_size)


async def call(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a service method in a thread and give its answer.

    Raises:
        EcosystemError: what the service raised. A bug is logged here and comes out
            as ``Unavailable``, so that no traceback reaches a person.
    """
    try:
        return await _calls().run(partial(act, *args, **kwargs))
    except EcosystemError:
        raise
    except Exception as error:
        log.exception("%s failed", getattr(act, "__qualname__", act))
        raise Unavailable(
            _("Something went wrong on our side. Load the page again and see how things stand."),
            code="internal_error",
        ) from error


def failed(error: EcosystemError, next_path: str = "/") -> EventSpec:
    """What a handler returns for an error that belongs to no field: a toast, or sign-in."""
    if isinstance(error, SignInRequired):
        return load_page(f"/sign-in?next={next_path}")
    return toast(error.detail, "problem")


def field_errors(error: EcosystemError) -> dict[str, str]:
    """Field → message, the first of each, for forms; empty if the error names no field."""
    found: dict[str, str] = {}
    for item in error.fields:
        found.setdefault(item.field, item.message)
    return found
