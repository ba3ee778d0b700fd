import pytest

from services.recommend import catalogue as shipped
from services.recommend.domain.catalogue import Catalogue, load


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load(shipped.text())
