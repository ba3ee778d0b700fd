"""Who is asking: a credential as HTTP Basic, or as the one token that an identity provider can send."""

import base64

import pytest

from schemas.reasons import Reason
from services.common.errors import Rejected
from services.common.http import key_and_secret

KEY, SECRET = "0f" * 16, "Ab-_9" * 8


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [basic(f"{KEY}:{SECRET}"), f"Bearer {KEY}:{SECRET}", f"Bearer {KEY}.{SECRET}", f"bearer  {KEY}.{SECRET} "],
)
def test_the_same_credential_in_every_form(header: str) -> None:
    assert key_and_secret(header) == (KEY, SECRET)


@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic !", basic(KEY), "Bearer", f"Bearer {KEY}", f"Digest {KEY}:{SECRET}", KEY]
)
def test_anything_else_is_no_credential(header: str | None) -> None:
    with pytest.raises(Rejected) as refused:
        key_and_secret(header)
    assert refused.value.reason is Reason.UNAUTHENTICATED
    assert SECRET not in refused.value.detail
