"""The parts of `leermix demo`: its tenants, sending, waiting, showing, and taking everything away again."""
