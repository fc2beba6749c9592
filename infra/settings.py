"""All settings: environment variables `CLOSEDLOOP_*`, or the same names in a `.env` file.

This is the only place that reads the environment.
"""

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from infra.account import AccountSettings
from infra.countries import known_country
from infra.errors import InvalidSettings
from infra.folders import make_folder


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone: use an IANA name such as Europe/Moscow")
    return name


Weight = Annotated[float, Field(ge=0)]


class Settings(AccountSettings, BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CLOSEDLOOP_", env_file=".env", extra="ignore")

    data: Path = Field(Path(".closedloop"), description="Folder of all that is embedded.")
    log: str = Field(
        "",
        description="Event log: `local:///path` or `kafka://host:9092,host:9092`. Empty: in the data folder.",
    )
    warehouse: str = Field(
        "",
        description="Warehouse: `chdb:///path` or `clickhouse://user:password@host:8123/database`. "
        "Empty: chDB in the data folder.",
    )
    warehouse_cluster: str = Field(
        "",
        description="Name of the ClickHouse cluster whose tables are replicated. Empty: a single server.",
    )
    database: str = Field(
        "",
        description="Operational database: `sqlite:///path` or `postgresql+psycopg://…`. "
        "Empty: SQLite in the data folder.",
    )
    write_key: SecretStr = Field(
        SecretStr(""), description="Key for sending events. Empty: made at the first start, and printed."
    )
    api_key: SecretStr = Field(
        SecretStr(""), description="Key for reading reports. Empty: made at the first start, and printed."
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key under which the secrets of sources are stored. Several, with commas between: the first one "
        "encrypts. Empty: made at the first start, and kept in the data folder.",
    )
    public_url: str = Field(
        "",
        description="Address under which vendors and browsers reach the service, as `https://loop.example.com`. "
        "Empty: as each request says.",
    )
    oidc_issuer: str = Field(
        "",
        description="OpenID Connect provider by which users may sign in: its `issuer`. Empty: by password only.",
    )
    oidc_client_id: str = Field("", description="What the provider calls Closed Loop.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="The secret the provider gave Closed Loop.")
    smtp: SecretStr = Field(
        SecretStr(""),
        description="Mail server for reports that are sent: `smtp://user:password@host:587?starttls`, "
        "`smtps://user:password@host:465` or `smtp://host:25`. Empty: nothing is sent.",
    )
    mail_from: str = Field(
        "", description="From whom reports are sent, as `Closed Loop <reports@example.com>`. Empty: the user of SMTP."
    )
    host: str = Field("127.0.0.1", description="Address the service listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the service listens on.")
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "Europe/Moscow", description="The account's time zone: days of reports begin at its midnight."
    )
    country: Annotated[str, AfterValidator(known_country)] = Field(
        "RU", description="Country (ISO 3166) in which phones without a country code are read."
    )
    data_stay_in_country: bool = Field(
        False,
        description="Whether personal data stay in the account's country: conversions go to no ad system elsewhere.",
    )
    half_life_days: float = Field(7.0, gt=0, description="Half-life of the time_decay model.")
    custom_first: list[Weight] = Field(
        default_factory=lambda: [0.3, 0.1],
        description="Custom model: weights of the first touches, as a JSON list.",
    )
    custom_middle: float = Field(
        0.2, ge=0, description="Custom model: weight shared by the touches between first and last ones."
    )
    custom_last: list[Weight] = Field(
        default_factory=lambda: [0.1, 0.3],
        description="Custom model: weights of the last touches, as a JSON list; the final one is the last.",
    )
    late_visible_s: int = Field(
        60, ge=0, description="Events that came so many seconds before a run are looked at again by the next one."
    )
    shared_key_limit: int = Field(
        20,
        ge=2,
        description="A phone, e-mail, visitor or CRM id tied to more keys of one kind than this ties nobody.",
    )
    self_reported_property: str = Field(
        "self_reported_source",
        min_length=1,
        description="Property of leads and deals that holds the answer to «how did you hear of us».",
    )
    number_lease_minutes: int = Field(
        30, ge=5, description="How long a leased telephone number stays with a visit that is no longer heard of."
    )
    number_grace_minutes: int = Field(
        60, ge=0, description="How long after its lease a call to a number is still of the visit that held it last."
    )
    track_events: dict[str, str] = Field(
        default_factory=dict,
        description="What the names of tracked events mean beside being an action, as JSON: "
        '{"Test Drive Booked": "deal:appointment"}.',
    )
    max_body_mb: int = Field(64, ge=1, description="Largest body of one request, in MiB.")
    max_file_mb: int = Field(
        50,
        ge=1,
        le=2048,
        description="Largest file that is attached to anything, in MiB; bytes lie in the data folder.",
    )
    max_event_kb: int = Field(256, ge=1, le=800, description="Largest single event, in KiB.")
    log_retention_days: int = Field(
        0, ge=0, description="Days that the log keeps what every reader has committed. 0: for ever."
    )
    log_max_mb: int = Field(0, ge=0, description="Size at which the local log takes no more, in MiB. 0: no limit.")
    log_waiting_mb: int = Field(
        128, ge=1, description="Most that may wait at once for the log to make it durable, in MiB."
    )
    kafka_replication: int = Field(
        0, ge=0, le=32767, description="Copies that Kafka keeps of each topic we make. 0: as its brokers say."
    )
    kafka_min_insync: int = Field(
        0,
        ge=0,
        le=32767,
        description="Copies that must have an event before it is acknowledged. "
        "0: all but one of three or more copies, else as the brokers say.",
    )
    max_requests: int = Field(
        200, ge=1, description="Requests whose events one process takes at a time; further ones are answered 429."
    )
    max_pending_mb: int = Field(
        256, ge=1, description="MiB of bodies one process holds at a time; further requests are answered 429."
    )
    request_seconds: int = Field(
        30,
        ge=1,
        description="Seconds in which a request must have come in, and one more for each 32 KiB of it; "
        "a slower connection is dropped.",
    )
    requests_per_minute: int = Field(
        1200, ge=1, description="Questions that one user or key may ask within a minute; further ones are answered 429."
    )
    page_patience_ms: int = Field(
        300,
        ge=0,
        description="Milliseconds that a page waits for figures of the newest run where it has those of one before.",
    )
    collector_workers: int = Field(
        1, ge=1, le=256, description="Processes of `closedloop serve --role collector`, behind one port."
    )
    load_batch_events: int = Field(250_000, ge=1, description="Most events that one load into the warehouse takes.")
    load_interval_ms: int = Field(1000, ge=0, description="Longest time that a loaded batch is waited for, in ms.")
    max_query_memory_mb: int = Field(3500, ge=100, description="Memory one warehouse query may take, in MiB.")

    @model_validator(mode="after")
    def _fill_places(self) -> Self:
        self.data = self.data.expanduser().absolute()
        self.log = self.log or f"local://{self.data / 'log.db'}"
        self.warehouse = self.warehouse or f"chdb://{self.data / 'warehouse'}"
        self.database = self.database or f"sqlite:///{self.data / 'closedloop.db'}"
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def address(self) -> str:
        """Where vendors and browsers reach the service, without a `/` at its end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def embedded_warehouse(self) -> Path | None:
        """The folder of the chDB warehouse, or None where a server holds the data."""
        scheme, _, path = self.warehouse.partition("://")
        return Path(path) if scheme == "chdb" else None


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment; `overrides` win. Raises `InvalidSettings` in the user's words."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates them
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(str(first["loc"][0]), first["msg"].removeprefix("Value error, ")) from error
    except SettingsError as error:
        field = str(error).split('"')[1]
        raise _wrong(field, "this is no JSON") from error


def _wrong(field: str, why: str) -> InvalidSettings:
    name = f"CLOSEDLOOP_{field.upper()}"
    return InvalidSettings(
        f"{name}: {why}.",
        where=name,
        help="Correct it in the environment or in .env; docs/reference/settings.md lists every setting.",
    )


@lru_cache(maxsize=8)
def keep_key(folder: Path, name: str) -> str:
    """The secret key `name` of this installation, made at the first call and kept in `folder` (mode 600)."""
    path = folder / f"{name}.key"
    if not path.exists():
        make_folder(folder, "CLOSEDLOOP_DATA")
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text().strip()
