"""Every setting of the product, read in this one place.

Nothing else looks at the environment: a value that can be set is a field of
``Settings``. ``docs/settings.md`` explains each one; a test keeps the two equal.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

LOCAL_ONLY = ("aws_endpoint_url", "stripe_api_base")
"""Addresses of stand-ins. Set in production they would send real people to a fake vendor."""

ECB_DAILY = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"
"""The European Central Bank's reference rates of the last working day."""

REQUIRED_IN_PRODUCTION = (
    "public_url",
    "session_secret",
    "aws_region",
    "aws_rds_host",
    "aws_rds_database",
    "aws_rds_user",
    "aws_rds_sslrootcert",
    "aws_cognito_user_pool_id",
    "aws_cognito_client_id",
    "s3_bucket_name",
    "dynamodb_table_name",
    "ses_sender",
    "supabase_url",
    "supabase_anon_key",
    "supabase_service_role_key",
    "supabase_db_url",
    "stripe_secret_key",
    "stripe_publishable_key",
    "stripe_webhook_secret",
    "stripe_connect_webhook_secret",
)


class SettingsError(Exception):
    """A setting is missing or wrong. The message names it and says what to do."""


class Settings(BaseSettings):
    """The configuration of one running process. Frozen: read once, at the start."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    ecosystem_env: Literal["local", "production"] = "local"
    ecosystem_data_dir: Path = Path(".local")
    port: int = Field(default=3000, ge=1, le=65535)

    public_url: str = ""
    session_secret: SecretStr = SecretStr("")
    trusted_proxy_hops: int = Field(default=0, ge=0, le=5)
    rate_limits: Literal["on", "off"] = "on"
    marketplace_reads: Literal["postgres", "dynamodb"] = "postgres"
    sign_in_moves: Literal["on", "off"] = "off"
    migration_max_load: int = Field(default=20, ge=1)
    migration_max_latency_ms: int = Field(default=250, ge=1)
    redis_url: str = ""
    worker_in_app: bool = True

    aws_region: str = ""
    aws_endpoint_url: str = ""
    aws_rds_host: str = ""
    aws_rds_port: int = 5432
    aws_rds_database: str = ""
    aws_rds_user: str = ""
    aws_rds_password: SecretStr = SecretStr("")
    aws_rds_secret_arn: str = ""
    aws_rds_sslrootcert: str = ""
    aws_cognito_user_pool_id: str = ""
    aws_cognito_client_id: str = ""
    s3_bucket_name: str = ""
    document_scanner: Literal["builtin", "guardduty"] = "builtin"
    dynamodb_table_name: str = ""
    ses_sender: str = ""
    ops_email: str = ""

    supabase_url: str = ""
    supabase_anon_key: SecretStr = SecretStr("")
    supabase_service_role_key: SecretStr = SecretStr("")
    supabase_db_url: SecretStr = SecretStr("")

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: str = ""
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_connect_webhook_secret: SecretStr = SecretStr("")
    stripe_api_base: str = ""

    exchange_rates_url: str = ""

    pages_language: Literal["en", "de"] = "en"

    database_pool_size: int = Field(default=12, ge=1, le=200)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the environment names is not looked for in ``.env``, also when it is empty there:
        the parts of a local stack would get what is meant for production."""
        if isinstance(dotenv_settings, DotEnvSettingsSource):
            named = {name.lower() for name in os.environ}
            dotenv_settings.env_vars = {
                name: value
                for name, value in dotenv_settings.env_vars.items()
                if name.lower() not in named
            }
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @property
    def local(self) -> bool:
        """Whether the vendors are the stand-ins of the embedded stack."""
        return self.ecosystem_env == "local"

    @property
    def origin(self) -> str:
        """Scheme, host and port under which people reach the product, no slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def operations_address(self) -> str:
        """Where the product writes to the people who run it."""
        return self.ops_email or self.ses_sender

    @property
    def rates_address(self) -> str:
        """Where the day's exchange rates are; empty locally unless set: nothing outside is asked."""
        return self.exchange_rates_url or ("" if self.local else ECB_DAILY)

    @field_validator("supabase_db_url")
    @classmethod
    def _an_address(cls, url: SecretStr) -> SecretStr:
        """Said here by its name, and without what was given: a password may be in it."""
        if given := url.get_secret_value():
            from sqlalchemy.engine.url import make_url
            from sqlalchemy.exc import ArgumentError

            try:
                known = make_url(given).get_backend_name() in ("postgresql", "postgres")
            except (ArgumentError, ValueError):
                known = False
            if not known:
                raise ValueError("must be like postgresql://user:password@host:5432/database")
        return url

    @model_validator(mode="after")
    def _refuse_a_half_configured_production(self) -> "Settings":
        if self.ecosystem_env != "production":
            return self
        problems = [
            f"{name.upper()} is missing"
            for name in REQUIRED_IN_PRODUCTION
            if not _filled(getattr(self, name))
        ]
        if not _filled(self.aws_rds_password) and not self.aws_rds_secret_arn:
            problems.append("AWS_RDS_PASSWORD or AWS_RDS_SECRET_ARN is missing")
        problems += [
            f"{name.upper()} points to a local stand-in and must be empty"
            for name in LOCAL_ONLY
            if _filled(getattr(self, name))
        ]
        if self.rate_limits == "off":
            problems.append("RATE_LIMITS=off is for local tests only")
        if self.public_url and not self.public_url.startswith("https://"):
            problems.append("PUBLIC_URL must start with https://")
        if self.exchange_rates_url and not self.exchange_rates_url.startswith("https://"):
            problems.append("EXCHANGE_RATES_URL must start with https://")
        if _filled(self.session_secret) and len(self.session_secret.get_secret_value()) < 32:
            problems.append("SESSION_SECRET must have at least 32 characters")
        if problems:
            raise ValueError("production refuses to start: " + "; ".join(problems))
        return self


def _filled(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


@lru_cache(maxsize=1)
def load() -> Settings:
    """Read the environment and ``.env`` once.

    Raises:
        SettingsError: one line that names every missing or wrong setting.
    """
    from pydantic import ValidationError

    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None


def _one_line(error: object) -> str:
    parts: list[str] = []
    for item in error.errors():  # type: ignore[attr-defined]
        name = ".".join(str(part) for part in item["loc"]).upper()
        message = str(item["msg"]).removeprefix("Value error, ")
        parts.append(f"{name}: {message}" if name else message)
    return "; ".join(parts)
