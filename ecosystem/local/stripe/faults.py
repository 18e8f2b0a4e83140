"""Trouble on demand: what networks and webhooks do on a bad day, for tests.

Two kinds. Webhook modes bend how new events are delivered: ``duplicate`` (twice, one after the
other), ``delay``, ``reorder`` (all of a short window, newest first), ``drop`` (never; the event
stays listed), ``concurrent`` (several copies at the same moment). API faults meet requests whose
method and path fit: ``500`` and ``429`` refuse before anything happened, ``slow`` waits first,
``cut_after`` does the work and then breaks the connection inside the answer.
"""

import itertools
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, cast, get_args

from ecosystem.local.stripe.errors import invalid

Mode = Literal["none", "duplicate", "delay", "reorder", "drop", "concurrent"]
Kind = Literal["500", "429", "slow", "cut_after"]
MODES = get_args(Mode)
KINDS = get_args(Kind)


@dataclass
class Plan:
    """One planned delivery: when, together with which others, and whether at all."""

    due: float
    batch: str = ""
    status: str = "waiting"


@dataclass
class WebhookFault:
    """The webhook mode in force.

    Attributes:
        times: how many more events it meets; ``None``: all.
        seconds: the delay, or the length of the window that ``reorder`` gathers.
        copies: deliveries per event for ``duplicate`` and ``concurrent``.
        types: patterns of event types it meets, like ``checkout.session.*``.
        endpoint: ``platform`` or ``connect``; empty: both.
    """

    mode: Mode = "none"
    times: int | None = None
    seconds: float = 1.0
    copies: int = 2
    types: tuple[str, ...] = ("*",)
    endpoint: str = ""
    window_ends: float = 0.0


@dataclass
class ApiFault:
    """One kind of trouble for the next ``times`` requests that fit method and path pattern."""

    kind: Kind
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 1.0


@dataclass
class Faults:
    """All trouble that is switched on. Kept in memory: a restart is a clean slate."""

    webhook: WebhookFault = field(default_factory=WebhookFault)
    api: list[ApiFault] = field(default_factory=list)
    _batches: "itertools.count[int]" = field(default_factory=itertools.count)
    _window: str = ""

    def plan(self, endpoint: str, type: str, now: float) -> list[Plan]:
        """How an event that happens ``now`` (wall clock) will be delivered."""
        fault = self.webhook
        fits = any(fnmatchcase(type, pattern) for pattern in fault.types)
        if fault.mode == "none" or not fits or fault.endpoint not in ("", endpoint):
            return [Plan(now)]
        if fault.times is not None:
            if fault.times <= 0:
                return [Plan(now)]
            fault.times -= 1
        if fault.mode == "drop":
            return [Plan(now, status="dropped")]
        if fault.mode == "delay":
            return [Plan(now + fault.seconds)]
        if fault.mode == "reorder":
            if now >= fault.window_ends:
                fault.window_ends = now + fault.seconds
                self._window = f"newest-first-{next(self._batches)}"
            return [Plan(fault.window_ends, self._window)]
        how = "one-by-one" if fault.mode == "duplicate" else "at-once"
        batch = f"{how}-{next(self._batches)}"
        return [Plan(now, batch) for _ in range(fault.copies)]

    def take(self, method: str, path: str) -> ApiFault | None:
        """The trouble that meets this request, if any; it is used up by that."""
        for fault in self.api:
            if fault.method in ("*", method) and fnmatchcase(path, fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self.api.remove(fault)
                return fault
        return None

    def set_from(self, wanted: dict[str, object]) -> None:
        """Switch trouble on or off from the body of ``POST /_control/faults``.

        Raises:
            StripeRefusal: 400, for an unknown mode, kind or field.
        """
        known = {"mode", "times", "seconds", "copies", "types", "endpoint", "api"}
        for unknown in set(wanted) - known:
            raise invalid(f"Received unknown parameter: {unknown}", unknown, "parameter_unknown")
        if "api" in wanted:
            rules = wanted["api"]
            self.api = [
                _api_fault(rule) for rule in (rules if isinstance(rules, list) else [rules])
            ]
        if "mode" in wanted:
            mode = str(wanted["mode"])
            if mode not in MODES:
                raise invalid(f"Invalid mode: must be one of {', '.join(MODES)}", "mode")
            times = wanted.get("times")
            types = wanted.get("types", ["*"])
            self.webhook = WebhookFault(
                mode=cast(Mode, mode),
                times=None if times is None else int(str(times)),
                seconds=float(str(wanted.get("seconds", 1.0))),
                copies=int(str(wanted.get("copies", 2))),
                types=tuple(str(item) for item in types) if isinstance(types, list) else ("*",),
                endpoint=str(wanted.get("endpoint", "")),
            )


def _api_fault(rule: object) -> ApiFault:
    if not isinstance(rule, dict) or str(rule.get("kind")) not in KINDS:
        raise invalid(f"Invalid api[kind]: must be one of {', '.join(KINDS)}", "api[kind]")
    return ApiFault(
        kind=cast(Kind, str(rule["kind"])),
        method=str(rule.get("method", "*")).upper(),
        path=str(rule.get("path", "*")),
        times=int(rule.get("times", 1)),
        seconds=float(rule.get("seconds", 1.0)),
    )
