"""The contract: topics, events, reasons and the xAPI schemas. Imports nothing of the services."""
