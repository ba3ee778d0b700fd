"""The corpus, as tests/corpus has it."""

from tests.corpus.conftest import corpus

__all__ = ["corpus"]
