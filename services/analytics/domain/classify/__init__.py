"""Classes: who learned by a statement and in which mode, and which rule or registry entry says so (MIX.md 2)."""
