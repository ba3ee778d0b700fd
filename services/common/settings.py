"""Every setting of leermix: environment variables LEERMIX_…, the same in every mode (`leermix settings` lists them)."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.common.time_zones import zone_named


class Settings(BaseSettings):
    """Read once at start from the environment; nothing else is ever consulted."""

    model_config = SettingsConfigDict(env_prefix="LEERMIX_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: int = Field(
        8080, ge=1, le=65535, description="Port of the one origin (a service's own port when it runs alone)."
    )
    data: Path = Field(Path(".data"), description="Folder of embedded data: PostgreSQL, its password, logs.")
    database_url: str | None = Field(
        None,
        description="PostgreSQL 15 or later (postgresql://…). Absent: the embedded one, in LEERMIX_DATA.",
    )
    kafka_bootstrap_servers: str | None = Field(
        None,
        description="host:port[,host:port…] of Apache Kafka. Absent: the event log is tables in PostgreSQL.",
    )
    kafka_replication_factor: int = Field(
        1, ge=1, description="Replicas of each topic that leermix creates (3 in production)."
    )
    time_zone: str = Field(
        "Europe/Amsterdam",
        description="Zone whose days the minutes of a new tenant belong to; a tenant keeps the one it began with.",
    )
    public_url: str | None = Field(
        None,
        description="The origin as clients see it; stands in `authority`. Default http://localhost:PORT.",
    )
    body_limit: int = Field(
        8_000_000, ge=10_000, description="Largest request body in bytes; above it the answer is 413."
    )
    body_seconds: float = Field(
        60, gt=0, description="How long a request body may take to arrive; then the answer is 400 and the end."
    )
    group_members: int = Field(
        10_000,
        ge=100,
        description="Most members that the Groups of one request may have in all (and contextAgents); above it 413.",
    )
    store_wait_seconds: float = Field(
        1.0, ge=0, le=30, description="How long a POST waits until its statements can be read back."
    )
    k_anonymity: int = Field(
        5, ge=3, description="The fewest people of whom a figure of a group is told, alone or by reckoning."
    )
    release_seconds: float = Field(
        60, gt=0, description="How often figures of large organisations' groups are brought up to date."
    )
    database_connections: int = Field(10, ge=2, description="PostgreSQL connections per service process.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe line logged.")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        return zone_named(name).key

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str | None) -> str | None:
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("not the address of a PostgreSQL: postgresql://user:password@host:5432/database")
        return url or None

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str | None) -> str | None:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("not an origin: it begins with https:// or http://, and stands in each `authority`")
        return url or None

    @property
    def origin(self) -> str:
        """Return the origin as clients see it, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")
