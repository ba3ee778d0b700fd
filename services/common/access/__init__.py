"""Who may do what: tenants, sources, credentials, shares and looks, read by every service (schema `access`)."""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
