"""ingest: the Learning Record Store. Accepts statements, appends them to the event log, answers queries."""
