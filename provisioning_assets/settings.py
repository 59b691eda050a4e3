"""The project's environment variables, read in one place and checked before anything else.

``GOOGLE_APPLICATION_CREDENTIALS``, ``ANTHROPIC_BASE_URL`` and similar variables are read by the clients that use them.
"""

import ipaddress
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from provisioning_assets.errors import ProvisioningError
from provisioning_assets.mail_address import is_mail_address
from provisioning_assets.prices import LEAST_BYTES_BILLED, MOST_BYTES_BILLED

#: The checkout of the project. Relative paths are relative to it, not to the current folder.
PROJECT_FOLDER = Path(__file__).resolve().parent.parent

REMEDIES = {
    "target": "Set it to 'local' (this machine) or 'gcp' (Google Cloud)",
    "store": "Set it to gs://BUCKET or gs://BUCKET/FOLDER: BigQuery loads tables only from there",
    "dask_scheduler": "Set it to the address that the scheduler prints, such as tcp://10.0.0.5:8786, or unset it",
    "GOOGLE_CLOUD_PROJECT": "Set it to the id of a project, such as acme-demos-123",
    "log_format": "Set it to 'text' or 'json'",
    "log_level": "Set it to 'debug', 'info', 'warning' or 'error'",
    "expiry_warning_days": "Set it to a number of days from 0 to 60",
    "removals_per_tick": "Set it to a number from 1 to 100",
    "orphan_grace_hours": "Set it to a number of hours from 1 to 2160",
    "refresh_days": "Set it to a number of days from 0 (never) to 366, such as 7",
    "refreshes_a_day": "Set it to a number of demos, 0 or more, such as 100",
    "claude_model": "Set it to the name of a model, such as claude-sonnet-5-5",
    "budget_usd": "Set it to US dollars above 0, such as 1.00",
    "most_billed_bytes": f"Set it to a number of bytes, at least {LEAST_BYTES_BILLED:,}",
}


class Settings(BaseSettings):
    """The ``PROVISIONING_*`` variables, and those of Google Cloud that choose where demos are made."""

    model_config = SettingsConfigDict(env_prefix="PROVISIONING_", extra="ignore")

    target: Literal["local", "gcp"] = "local"
    store: str = "demo_store"
    conversational_analytics_endpoint: str = Field(
        default="",
        validation_alias="CONVERSATIONAL_ANALYTICS_ENDPOINT",
        description="address of a running server, e.g. http://127.0.0.1:8091; empty: each run starts a server (local), or "
        "Google's service is used (gcp)",
    )
    conversational_analytics_location: str = Field(
        default="global", validation_alias="CONVERSATIONAL_ANALYTICS_LOCATION", pattern=r"^[a-z0-9-]+$"
    )
    google_cloud_project: str = Field(
        default="", validation_alias="GOOGLE_CLOUD_PROJECT", pattern=r"^$|^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$"
    )
    bigquery_location: str = Field(default="US", validation_alias="BIGQUERY_LOCATION", pattern=r"^[A-Za-z0-9-]+$")
    most_billed_bytes: int = Field(
        default=MOST_BYTES_BILLED,
        ge=LEAST_BYTES_BILLED,
        description="bytes that one query on Google Cloud may bill; a demo needs far less, so that more is most likely a mistake",
    )
    refresh_days: int = Field(
        default=7, ge=0, le=366, description="days after which a demo is made again with the day's date; 0: never"
    )
    refreshes_a_day: int = Field(default=100, ge=0, description="demos that are made again on one day, at most")
    budget_usd: float = Field(default=1.00, gt=0, description="US dollars that the making of one demo may cost")
    claude_model: str = Field(
        default="claude-sonnet-5-5",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,99}$",
        description="the model of Claude that writes demos if ANTHROPIC_API_KEY is set, as the service calls it",
    )
    anthropic_api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="ANTHROPIC_API_KEY", description="with a key, Claude writes demos"
    )
    expiry_warning_days: int = Field(
        default=3, ge=0, le=60, description="days before a demo expires from which on its owner is warned; 0: never"
    )
    removals_per_tick: int = Field(
        default=10,
        ge=1,
        le=100,
        description="expired demos that the sensor asks to be removed in one tick, that is, a minute",
    )
    orphan_grace_hours: int = Field(
        default=24,
        ge=1,
        le=24 * 90,
        description="age in hours from which on a data set or an agent without a demo is removed",
    )
    dask_scheduler: str = Field(
        default="",
        pattern=r"^$|^(tcp|tls|ws|wss)://[^\s/:]+(:\d+)?$",
        description="address of the Dask scheduler that generates large demos, e.g. tcp://10.0.0.5:8786; empty: this machine",
    )

    log_format: Literal["text", "json"] = Field(
        default="text", description="json: one JSON object a line, for a collector of logs"
    )
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        default=None, description="the least level that is written; null: info for json, warning for text"
    )

    @model_validator(mode="after")
    def _has_what_google_cloud_needs(self) -> "Settings":
        if self.target == "gcp":
            if not self.store.startswith("gs://"):
                raise _missing(
                    "store", self.store, "not an address in Cloud Storage, which PROVISIONING_TARGET=gcp needs"
                )
            if not self.google_cloud_project:
                raise _missing("GOOGLE_CLOUD_PROJECT", "", "not set, and PROVISIONING_TARGET=gcp needs it")
        return self

    @property
    def store_root(self) -> str:
        """Return the store as an absolute folder or an address such as ``gs://bucket/prefix``."""
        return self.store if "://" in self.store else str((PROJECT_FOLDER / self.store).resolve())


def _missing(name: str, given: str, wrong: str) -> ProvisioningError:
    variable = name if name.isupper() else f"PROVISIONING_{name.upper()}"
    return ProvisioningError(f"{variable} is {given!r}: {wrong}.", f"{REMEDIES.get(name, 'Unset it')}.")


def read_settings() -> Settings:
    """Return the settings of this process.

    Raises:
        ProvisioningError: a variable has a value that is not accepted, or the target lacks one.
    """
    try:
        return Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        wrong = "not an accepted value" if problem["type"] == "string_pattern_mismatch" else problem["msg"]
        raise _missing(str(problem["loc"][0]), str(problem["input"]), wrong) from None


ALERT_REMEDIES = {
    "alert_slack_webhook": "Set it to the address that Slack gives for an incoming webhook, https://hooks.slack.com/services/...",
    "alert_webhook": "Set it to an https address that takes JSON by POST",
    "alert_smtp": "Set it to smtps://USER:PASSWORD@HOST:465, or smtp://USER:PASSWORD@HOST:587 for a server with STARTTLS",
    "alert_from": "Set it to the mail address that alerts come from, such as demos@acme.com",
    "alert_to": "Set it to a mail address, or several separated by commas",
    "alert_messages_an_hour": "Set it to a whole number from 1 to 1000",
    "alert_days": "Set it to a whole number of days from 1 to 365",
    "ui_url": "Set it to the address of Dagster's UI, such as https://dagster.acme.com",
}


class AlertSettings(BaseSettings):
    """Where alerts go. Addresses are secret: whoever knows one can write to the channel.

    They are apart from ``Settings``, so that a mistake here stops alerts and no demo.
    """

    # Compose files pass variables that are not set as empty ones.
    model_config = SettingsConfigDict(
        env_prefix="PROVISIONING_", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    alert_slack_webhook: SecretStr = SecretStr("")
    alert_webhook: SecretStr = SecretStr("")
    alert_smtp: SecretStr = SecretStr("")
    alert_from: str = ""
    alert_to: str = Field(default="", description="gets a copy of every alert, and those that name no owner")
    alert_messages_an_hour: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="messages that one channel gets in an hour, at most; one has several alerts",
    )
    alert_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="days that an alert waits for a channel, and that a delivered one is remembered",
    )
    ui_url: str = Field(default="http://127.0.0.1:3000", description="address of Dagster's UI, for links to runs")

    @field_validator("alert_slack_webhook", "alert_webhook")
    @classmethod
    def _is_private_http(cls, value: SecretStr) -> SecretStr:
        address = value.get_secret_value()
        if address:
            scheme, host, _ = _address_parts(address)
            if scheme not in ("http", "https") or not host or (scheme == "http" and not is_this_machine(host)):
                raise ValueError("it is not an https address")
        return value

    @field_validator("alert_smtp")
    @classmethod
    def _is_mail_server(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            scheme, host, path = _address_parts(value.get_secret_value())
            if scheme not in ("smtp", "smtps") or not host or path not in ("", "/"):
                raise ValueError("it is not the address of a mail server")
        return value

    @field_validator("alert_from", "alert_to")
    @classmethod
    def _are_mail_addresses(cls, value: str, info: ValidationInfo) -> str:
        addresses = [address.strip() for address in value.split(",") if address.strip()]
        if not all(is_mail_address(address) for address in addresses):
            raise ValueError("it is not a mail address")
        if info.field_name == "alert_from" and len(addresses) > 1:
            raise ValueError("it is more than one mail address")
        return ",".join(addresses)

    @field_validator("ui_url")
    @classmethod
    def _is_page(cls, value: str) -> str:
        scheme, host, _ = _address_parts(value)
        if scheme not in ("http", "https") or not host or "@" in value or re.search(r"[\s<>|\"]", value):
            raise ValueError("it is not an address without user and password")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _has_what_mail_needs(self) -> "AlertSettings":
        if self.alert_smtp.get_secret_value() and not self.alert_from:
            raise ProvisioningError(
                "PROVISIONING_ALERT_SMTP is set, and PROVISIONING_ALERT_FROM is not.",
                f"{ALERT_REMEDIES['alert_from']}.",
            )
        return self


def is_this_machine(host: str) -> bool:
    """Return whether a host's name or address stands for this machine, to which nothing has to be encrypted."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address_parts(address: str) -> tuple[str, str, str]:
    """Return scheme, host and path. The address is not repeated in the error, which pydantic would keep."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # is read to be checked
    except ValueError:
        raise ValueError("it is not an address") from None
    if re.search(r"[\s\x00-\x1f\x7f]", address):
        raise ValueError("it is not an address")
    return parts.scheme, parts.hostname or "", parts.path


def read_alert_settings() -> AlertSettings:
    """Return where alerts go.

    Raises:
        ProvisioningError: a variable has a value that is not accepted. The value, which may be a secret, is not shown.
    """
    try:
        return AlertSettings()
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        name = str(problem["loc"][0])
        said = problem["msg"].removeprefix("Value error, ")
        raise ProvisioningError(
            f"PROVISIONING_{name.upper()} is not accepted: {said}.", f"{ALERT_REMEDIES[name]}, or unset it."
        ) from None
