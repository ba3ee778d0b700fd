"""The real parts that leermix starts on one machine as its children: PostgreSQL, Kafka, and the gateway before them."""
