"""What ingest knows about statements: pure functions, to which time, ids and bytes are arguments."""
