"""The catalogue that leermix ships with, as a file beside this one."""

from importlib import resources


def text() -> str:
    """The catalogue as YAML; `domain.catalogue.load` makes it a Catalogue."""
    return resources.files(__name__).joinpath("interventions.yaml").read_text(encoding="utf-8")
