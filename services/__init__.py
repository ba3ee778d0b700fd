"""leermix."""
