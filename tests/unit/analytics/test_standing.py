"""What an id stands for: the same in any order once the ruling is read (laws 3 and 4)."""

from itertools import permutations

import pytest

from services.analytics.domain.standing import VOIDED, Content, Standing, Told, judge


def content(name, verb="http://adlnet.gov/expapi/verbs/completed", object_type="Activity"):
    return Content({"name": name, "verb": {"id": verb}, "object": {"objectType": object_type}}, 0, "app", "lms")


FIRST, OTHER = content("first"), content("other")
VOIDING = content("voiding", VOIDED, "StatementRef")
VOID = Told("voided")


def end(news, cuts=()):
    """What is claimed in the end when the news comes in transactions cut at these places."""
    standing, claimed = Standing(), None
    for start, stop in zip((0, *cuts), (*cuts, len(news)), strict=True):
        judged = judge(standing, news[start:stop])
        standing = judged.standing
        if judged.changed:
            claimed = judged.content
    return claimed


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ([Told("record", FIRST), Told("record", FIRST)], FIRST),
        ([Told("record", FIRST), Told("record", OTHER), Told("kept", OTHER)], OTHER),
        ([Told("record", FIRST), VOID], None),
        ([Told("record", FIRST), Told("record", OTHER), Told("kept", FIRST), VOID], None),
        ([Told("record", VOIDING), VOID], VOIDING),
        ([Told("record", FIRST), Told("record", VOIDING), Told("kept", VOIDING), VOID], VOIDING),
        ([Told("record", FIRST), Told("record", VOIDING), Told("kept", FIRST), VOID], None),
        ([Told("kept", OTHER), VOID, VOID], None),
    ],
)
def test_every_order_and_every_cut_ends_the_same(news, expected):
    for order in permutations(news):
        for places in range(2 ** (len(news) - 1)):
            cuts = tuple(place for place in range(1, len(news)) if places >> (place - 1) & 1)
            assert end(list(order), cuts) is expected, (order, cuts)


def test_the_first_record_counts_until_a_ruling_comes():
    news = [Told("record", FIRST), Told("record", OTHER)]
    assert end(news, (1,)) is FIRST
    assert end([*news, Told("kept", OTHER), Told("record", FIRST)], (1, 2, 3)) is OTHER


def test_a_repeat_changes_nothing():
    standing = judge(Standing(), [Told("record", FIRST)]).standing
    assert judge(standing, [Told("record", FIRST), Told("record", OTHER)]).changed is False
    voided = judge(standing, [VOID]).standing
    assert judge(voided, [VOID, Told("record", FIRST)]).changed is False


def test_what_only_looks_like_a_voiding_statement_can_be_voided():
    assert end([Told("record", content("x", VOIDED, "Activity")), VOID]) is None
