"""The event log as tables in PostgreSQL: what the embedded mode runs on."""

from services.common.eventlog.postgres.log import PostgresEventLog

__all__ = ["PostgresEventLog"]
