"""Production refuses to start half configured, and says all of it in one line."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ecosystem import settings as module
from ecosystem.settings import LOCAL_ONLY, REQUIRED_IN_PRODUCTION, Settings

COMPLETE = dict.fromkeys(REQUIRED_IN_PRODUCTION, "x" * 40) | {
    "ecosystem_env": "production",
    "public_url": "https://trips.example.com",
    "aws_rds_password": "secret",
    "supabase_db_url": "postgresql://somebody:secret@db.example.com:6543/postgres",
}


def make(**changed: object) -> Settings:
    return Settings.model_validate(COMPLETE | changed)


def test_complete_settings_start() -> None:
    assert make().origin == "https://trips.example.com"


@pytest.mark.parametrize("name", REQUIRED_IN_PRODUCTION)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name.upper()} is missing"):
        make(**{name: ""})


@pytest.mark.parametrize("name", LOCAL_ONLY)
def test_a_local_setting_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name.upper()} points to a local stand-in"):
        make(**{name: "http://127.0.0.1:1"})


def test_production_has_rate_limits_tls_and_a_long_secret() -> None:
    for change, message in (
        ({"rate_limits": "off"}, "RATE_LIMITS=off"),
        ({"public_url": "http://trips.example.com"}, "https://"),
        ({"session_secret": "short"}, "32 characters"),
        ({"aws_rds_password": ""}, "AWS_RDS_PASSWORD or AWS_RDS_SECRET_ARN"),
    ):
        with pytest.raises(ValidationError, match=message):
            make(**change)


@pytest.mark.parametrize(
    "given",
    ["secret", "host=h password=secret", "mysql://u:secret@h/d", "postgres://u:secret@h:x/d"],
)
def test_what_is_no_address_is_told_without_it(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SUPABASE_DB_URL", given)
    module.load.cache_clear()
    with pytest.raises(module.SettingsError, match=r"^SUPABASE_DB_URL: must be like") as refused:
        module.load()
    module.load.cache_clear()
    assert "secret" not in str(refused.value)


def test_all_problems_are_told_at_once_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOSYSTEM_ENV", "production")
    module.load.cache_clear()
    with pytest.raises(module.SettingsError) as refused:
        module.load()
    module.load.cache_clear()
    line = str(refused.value)
    assert "\n" not in line
    assert all(name.upper() in line for name in REQUIRED_IN_PRODUCTION)


def test_what_the_environment_leaves_empty_is_not_taken_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is with the parts of a local stack beside a file for production."""
    (tmp_path / ".env").write_text("AWS_RDS_SSLROOTCERT=/etc/rds.pem\nREDIS_URL=redis://there\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_RDS_SSLROOTCERT", "")
    monkeypatch.delenv("REDIS_URL", raising=False)
    read = Settings()
    assert (read.aws_rds_sslrootcert, read.redis_url) == ("", "redis://there")


def test_secrets_do_not_print() -> None:
    assert "x" * 40 not in str(make().session_secret)
    assert "secret" not in repr(make().aws_rds_password)
