"""``ecosystem reconcile`` does once what the worker's money duties do."""

from collections import Counter
from typing import Any

import pytest
from typer.testing import CliRunner

from ecosystem import cli, wiring

MONEY = ("payments", "refunds", "transfers", "changes", "dispute_watch", "balances", "payouts")


class Everything:
    """Services whose every method counts its call and finds one thing to do, once."""

    def __init__(self) -> None:
        self.called: Counter[str] = Counter()

    def __getattr__(self, service: str) -> Any:
        return _Service(self.called, service)

    def close(self) -> None:
        self.called["close"] += 1


class _Service:
    def __init__(self, called: Counter[str], name: str) -> None:
        self._called, self._name = called, name

    def __getattr__(self, method: str) -> Any:
        def call(*_args: object) -> int:
            self._called[self._name] += 1
            return 1 if self._called[self._name] == 1 else 0

        return call


def test_nothing_the_worker_tends_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Everything()
    monkeypatch.setattr(cli, "settings_here", lambda: None)
    monkeypatch.setattr(wiring, "build", lambda _settings: everything)
    done = CliRunner().invoke(cli.app, ["reconcile"])
    assert (done.exit_code, done.exception) == (0, None)
    assert {name for name in MONEY if everything.called[name]} == set(MONEY)
    assert everything.called["inbox"] > 1, "what was found is dealt with"
    assert everything.called["outbox"]
    assert everything.called["close"] == 1
