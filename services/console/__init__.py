"""The `leermix` command."""
