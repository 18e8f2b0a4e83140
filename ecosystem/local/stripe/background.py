"""What happens without a request: sessions run out, planned work is done, webhooks go out."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from functools import partial

from ecosystem.local.stripe import refunds, sessions
from ecosystem.local.stripe.delivery import Courier
from ecosystem.local.stripe.errors import StripeRefusal
from ecosystem.local.stripe.platform import Platform

LONGEST_PAUSE = 0.5
"""Seconds between two looks at the clock, when nothing wakes the loop."""
_LOG = logging.getLogger(__name__)

JOBS: dict[str, Callable[[Platform, str], object]] = {refunds.FAIL_JOB: refunds.fail}


async def run(platform: Platform, courier: Courier, woken: asyncio.Event) -> None:
    """Work until cancelled."""
    while True:
        for work in (
            partial(sessions.expire_due, platform),
            partial(_do_jobs, platform),
            courier.start_due,
        ):
            try:
                work()
            except (sqlite3.Error, LookupError, TypeError, ValueError):
                # One object that can't be worked on must not stop the others' webhooks.
                _LOG.exception("background work failed")
        due = courier.next_due()
        pause = LONGEST_PAUSE
        if due is not None:
            pause = min(pause, max(0.0, due - platform.config.wall()))
        try:
            # Not wait_for: in Python 3.11 it swallows a cancellation that comes with the wake-up,
            # and the stand-in would never stop.
            async with asyncio.timeout(max(pause, 0.005)):
                await woken.wait()
        except TimeoutError:
            continue
        woken.clear()


def _do_jobs(platform: Platform) -> None:
    rows = platform.store.run(
        "SELECT seq, name, subject FROM jobs WHERE due<=? ORDER BY due LIMIT 50",
        (platform.time(),),
    ).fetchall()
    for seq, name, subject in rows:
        with platform.store.transaction():
            platform.store.run("DELETE FROM jobs WHERE seq=?", (seq,))
            try:
                JOBS[name](platform, subject)
            except StripeRefusal as refusal:
                _LOG.info("planned %s of %s was not possible: %s", name, subject, refusal)
