"""What is done about people besides counting for them: imports, matches, merges, objections. Each a transaction."""
