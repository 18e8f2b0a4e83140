"""Writers, long transactions, frozen, killed and doubled processes, in any order."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ecosystem.migration import gates
from tests.migration.conftest import FreshPair
from tests.migration.model import MovingGroup

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate whose process is frozen or dead opens by itself before anybody loses patience."""
    monkeypatch.setattr(gates, "LEASE_SECONDS", 0.7)
    monkeypatch.setattr(gates, "MARGIN_SECONDS", 0.1)


def test_nothing_is_lost_in_any_order(
    pair: Callable[[], FreshPair], soon: None, soak: bool
) -> None:
    seen: Counter[str] = Counter()
    machine = type("Machine", (MovingGroup,), {"pair": staticmethod(pair), "seen": seen})
    more: dict[str, Any] = (
        {"max_examples": 400, "stateful_step_count": 40}
        if soak
        else {
            "max_examples": 6,
            "stateful_step_count": 14,
            "derandomize": True,
            "database": None,
            "phases": [Phase.generate],
        }
    )
    run_state_machine_as_test(
        machine,
        settings=settings(deadline=None, suppress_health_check=_SLOW, **more),
    )
    for what, times in sorted(seen.items()):
        print(f"{times:5} {what}")
