"""What a data folder keeps: its ports, its secrets, its lock."""

import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecosystem.local.aws import Infrastructure
from ecosystem.local.postgres import EmbeddedPostgres
from ecosystem.local.processes import child_environment, free_port
from ecosystem.local.stack import Stack, StackError, running_values
from ecosystem.settings import Settings

MADE = Infrastructure("pool", "client", "bucket", "table", "stream", "secret")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return _settings(tmp_path / "data")


@pytest.fixture
def stack(settings: Settings) -> Iterator[Stack]:
    opened = Stack(settings)
    opened.open()
    yield opened
    opened.close()


def _settings(folder: Path, **more: object) -> Settings:
    values = {"ecosystem_data_dir": folder, "port": free_port(), **more}
    return Settings(_env_file=None, **values)  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_ports_and_secrets_stay_over_a_restart(settings: Settings) -> None:
    first = Stack(settings)
    first.open()
    before = (first.ports, first.secrets)
    first.close()
    second = Stack(settings)
    second.open()
    assert (second.ports, second.secrets) == before
    second.close()


def test_only_its_owner_may_read_the_file(stack: Stack) -> None:
    mode = (stack.folder / "stack.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_another_folder_has_other_ports_and_secrets(stack: Stack, tmp_path: Path) -> None:
    other = Stack(_settings(tmp_path / "other"))
    other.open()
    assert other.secrets.session != stack.secrets.session
    assert other.ports != stack.ports
    other.close()


def test_a_second_stack_on_the_same_folder_is_refused_by_name(
    stack: Stack, settings: Settings
) -> None:
    stack.mark_running({"PORT": "1"})
    with pytest.raises(StackError, match=r"a stack runs on .*data at http://localhost:\d+"):
        Stack(settings).open()


def test_a_public_port_in_use_is_named(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.port)):
        with pytest.raises(StackError, match=rf"port {settings.port} \(PORT\) is used by"):
            Stack(settings).open()
    stack = Stack(settings)
    stack.open()
    stack.close()


def test_a_kept_port_that_is_taken_is_replaced_and_said(settings: Settings) -> None:
    first = Stack(settings)
    first.open()
    taken = first.ports.stripe
    first.close()
    with socket.create_server(("127.0.0.1", taken)):
        second = Stack(settings)
        second.open()
        assert second.ports.stripe != taken
        assert second.ports.mail == first.ports.mail
        assert f"port {taken} is taken" in second.notes[0]
        second.close()


def test_a_port_that_was_set_is_used(tmp_path: Path) -> None:
    wanted, other = free_port(), free_port()
    stack = Stack(
        _settings(tmp_path, aws_rds_port=wanted, aws_endpoint_url=f"http://127.0.0.1:{other}")
    )
    stack.open()
    assert (stack.ports.postgres, stack.ports.aws) == (wanted, other)
    stack.close()


def test_the_settings_of_a_stack_are_found_only_while_it_runs(
    stack: Stack, settings: Settings
) -> None:
    with pytest.raises(StackError, match="still starting"):
        running_values(settings.ecosystem_data_dir)
    stack.mark_running({"PORT": "4000"})
    assert running_values(settings.ecosystem_data_dir) == {"PORT": "4000"}
    stack.close()
    with pytest.raises(StackError, match="no stack runs"):
        running_values(settings.ecosystem_data_dir)


def test_its_values_are_complete_settings(stack: Stack) -> None:
    postgres = EmbeddedPostgres(
        stack.folder / "postgres", port=stack.ports.postgres, passwords=stack.secrets.postgres
    )
    values = stack.values(postgres, MADE)
    # What only a compiler of pages is told is no address of a stack.
    every = {name.upper() for name in Settings.model_fields} - {"PAGES_LANGUAGE"}
    assert every <= values.keys()
    read = Settings(_env_file=None, **{key.lower(): value for key, value in values.items()})  # pyright: ignore[reportCallIssue, reportArgumentType]
    assert read.aws_cognito_user_pool_id == "pool"
    assert read.origin == stack.origin
    assert len(read.session_secret.get_secret_value()) >= 32


def test_a_broken_file_is_named(settings: Settings) -> None:
    settings.ecosystem_data_dir.mkdir()
    (settings.ecosystem_data_dir / "stack.json").write_text("{", encoding="utf-8")
    with pytest.raises(StackError, match=r"stack\.json cannot be read"):
        Stack(settings).open()


def test_a_part_gets_neither_our_settings_nor_the_persons_cloud_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "my-real-account")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_real")
    monkeypatch.setenv("PGPASSWORD", "real")
    monkeypatch.setenv("PORT", "1")
    given = child_environment({"PORT": "2"})
    assert given["PORT"] == "2"
    assert not {"AWS_PROFILE", "STRIPE_SECRET_KEY", "PGPASSWORD"} & given.keys()
    assert "127.0.0.1" in given["NO_PROXY"]


def test_demo_data_counts_as_complete_only_after_a_clean_stop(settings: Settings) -> None:
    first = Stack(settings)
    first.open()
    for part in ("postgres", "aws", "stripe"):
        (first.folder / part).mkdir()
    first.mark_seeded()
    first.close()
    second = Stack(settings)
    second.open()
    assert second.settled
    # A kill: the folder is free again, but nothing was written at the end.
    second._lock.release()
    third = Stack(settings)
    third.open()
    assert not third.settled
    assert third.seeded
    third.close()


def test_a_part_whose_folder_was_deleted_makes_the_data_incomplete(settings: Settings) -> None:
    first = Stack(settings)
    first.open()
    first.mark_seeded()
    first.mark_schema("digest")
    first.close()
    second = Stack(settings)
    second.open()
    assert (second.settled, second.seeded, second.schema) == (False, False, "")
    second.close()


def test_stack_json_holds_no_setting_after_a_stop(settings: Settings) -> None:
    stack = Stack(settings)
    stack.open()
    stack.mark_running({"PORT": "4000"})
    stack.close()
    kept = json.loads((stack.folder / "stack.json").read_text(encoding="utf-8"))
    assert set(kept) == {"ports", "secrets"}
