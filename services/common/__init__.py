"""The shell every service wears: settings, the event log, the one consume loop, the database, HTTP and metrics."""
