"""Settings: what is wrong is told by name before anything starts, and without a word of a secret."""

import pytest
from pydantic import ValidationError

from services.common.settings import Settings


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("LEERMIX_DATABASE_URL", "host=db password=hunter2"),
        ("LEERMIX_DATABASE_URL", "mysql://leermix:hunter2@db/leermix"),
        ("LEERMIX_PUBLIC_URL", "leermix.example.org"),
        ("LEERMIX_TIME_ZONE", "Mars/Olympus"),
    ],
)
def test_what_cannot_be_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, wrong: str) -> None:
    monkeypatch.setenv(name, wrong)
    with pytest.raises(ValidationError) as refused:
        Settings()
    (problem,) = refused.value.errors()
    assert problem["loc"] == (name.removeprefix("LEERMIX_").lower(),)
    assert "hunter2" not in problem["msg"]


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEERMIX_DATABASE_URL", "")
    monkeypatch.setenv("LEERMIX_PUBLIC_URL", "")
    monkeypatch.setenv("LEERMIX_PORT", "8123")
    settings = Settings()
    assert settings.database_url is None
    assert settings.origin == "http://localhost:8123"


def test_addresses_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEERMIX_DATABASE_URL", "postgresql://leermix@/leermix?host=/tmp/x&port=5432")
    monkeypatch.setenv("LEERMIX_PUBLIC_URL", "https://leermix.example.org/")
    settings = Settings()
    assert settings.database_url == "postgresql://leermix@/leermix?host=/tmp/x&port=5432"
    assert settings.origin == "https://leermix.example.org"
