"""Answers as rows: a row for each mode of each month, with all that is said once in each."""

from services.analytics.api.rows import rows_of

MIX = {
    "group": {"kind": "team", "id": "zorg"},
    "month": "2026-10",
    "hidden": False,
    "pooled_with": [],
    "minutes": {"formal": 10.5, "social": None, "experiential": 3},
    "share_with_defaults": {"halved": {"formal": 0.7, "social": 0, "experiential": 0.3}, "doubled": None},
    "coverage": {"formal": {"reported": 1.0, "session": 0, "default": 0}, "social": None, "experiential": None},
    "by": "minutes",
    "unclassified": 4,
}


def test_a_mix_is_a_row_for_each_mode():
    rows = rows_of(MIX)
    assert [row["mode"] for row in rows] == ["formal", "social", "experiential"]
    first = rows[0]
    assert (first["group_kind"], first["month"], first["minutes"], first["unclassified"]) == (
        "team",
        "2026-10",
        10.5,
        4,
    )
    assert (first["share_halved"], first["share_doubled"]) == (0.7, None)
    assert (first["coverage_reported"], rows[1]["coverage_reported"]) == (1.0, None)
    assert all(row.keys() == first.keys() for row in rows)


def test_a_trend_is_its_months_and_a_hidden_one_has_a_row_that_says_so():
    hidden = {"group": {"kind": "team", "id": "zorg"}, "month": "2026-11", "hidden": True, "because": "few"}
    rows = rows_of({"group": {"kind": "team", "id": "zorg"}, "months": [MIX, hidden], "marks": []})
    assert [(row["month"], row["mode"], row["hidden"], row["minutes"]) for row in rows] == [
        ("2026-10", "formal", False, 10.5),
        ("2026-10", "social", False, None),
        ("2026-10", "experiential", False, 3),
        ("2026-11", None, True, None),
    ]


def test_a_why_is_its_rules():
    told = {"month": "2026-10", "rules": [{"mode": "formal", "rule": "r", "events": 7}], "other": {"formal": 3}}
    assert rows_of(told) == [
        {"month": "2026-10", "other_formal": 3, "mode": "formal", "rule": "r", "events": 7},
    ]
