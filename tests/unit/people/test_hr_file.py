"""Reading an HR file: tolerant of how it was saved, strict about what it says."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.people.hr_file import read_hr_file
from services.analytics.domain.people.problems import WrongFile
from services.analytics.domain.people.wanted import Place, SaidTeam, Stay

HEADER = "reference,mbox,team,team_name,team_parent,role,location,relation,since,until,active"


def read(*lines: str, encoding: str = "utf-8", end: str = "\n"):
    return read_hr_file(end.join(lines).encode(encoding))


def problems(*lines: str) -> list[tuple[int, str]]:
    with pytest.raises(WrongFile) as wrong:
        read(*lines)
    return [(each.line, each.column) for each in wrong.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("first", [[], ["sep={}"], [""]])
def test_the_same_file_however_it_was_saved(encoding: str, separator: str, end: str, first: list[str]) -> None:
    rows = [
        HEADER, "1001,anna@example.nl,ICU,Intensieve zorg,,nurse,Zoë,employee,31-3-2025,,ja",
    ]  # fmt: skip
    lines = [line.format(separator) for line in first] + [row.replace(",", separator) for row in rows] + [""]
    file = read(*lines, encoding=encoding, end=end)
    (anna,) = file.people
    assert anna.reference == "1001"
    assert anna.identities == ("mbox|mailto:anna@example.nl",)
    assert anna.stays == (Stay(Place("ICU", "nurse", "Zoë", "employee"), date(2025, 3, 31), None),)
    assert anna.active
    assert file.teams == (SaidTeam("ICU", "Intensieve zorg", None, 2 + len(first)),)


def test_identities_of_every_kind_in_one_cell_or_in_columns() -> None:
    sha1 = "c3ca3b38ac07b4b34eb3ab5cd3ee4ef4ab8b7b32"
    (person,) = read(
        "reference,identities,mbox,mbox_2,mbox_sha1sum,openid,account,email",
        f'1,"a@example.nl; https://l.nl|a ;https://id.nl/a;{sha1}",mailto:b@example.nl,c@example.nl,{sha1},'
        "https://id.nl/b,https://l.nl|b|c,a@example.nl",
    ).people
    assert person.identities == (
        "mbox|mailto:a@example.nl", "account|https://l.nl|a", "openid|https://id.nl/a", f"mbox_sha1sum|{sha1}",
        "mbox|mailto:b@example.nl", "mbox|mailto:c@example.nl", "openid|https://id.nl/b", "account|https://l.nl|b|c",
    )  # fmt: skip
    assert person.stays is None


def test_a_column_that_is_not_there_says_nothing() -> None:
    (person,) = read("reference,team", "1,ICU").people
    assert person.identities is None
    assert person.stays == (Stay(Place("ICU")),)


def test_several_lines_of_one_reference_are_all_its_memberships() -> None:
    (person,) = read(
        "reference,mbox,team,since,until", "1,a@example.nl,A,2024-01-01,2025-01-01", "1,b@example.nl,B,2025-01-01,"
    ).people
    assert person.whole
    assert [(stay.place.team, stay.until) for stay in person.stays] == [("A", date(2025, 1, 1)), ("B", None)]
    assert len(person.identities) == 2


def test_teams_are_told_by_people_and_by_lines_of_their_own() -> None:
    file = read(HEADER, ",,ORG,Hospital,,,,,,,", "1,,ICU,,ORG,,,,,,", "2,,ICU,Intensive care,,,,,,,", "3,,ER,,,,,,,,")
    assert [(each.team, each.name, each.parent) for each in file.teams] == [
        ("ORG", "Hospital", ""), ("ICU", "Intensive care", "ORG"), ("ER", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([""], [(1, "reference")]),
        (["naam,mbox"], [(1, "naam"), (1, "reference")]),
        (["reference,team,team"], [(1, "team")]),
        (["reference,team,,"], None),
        ([HEADER, "1,anna,,,,,,,2026-02-30,1-1-26,misschien"],
         [(2, "mbox"), (2, "since"), (2, "until"), (2, "active")]),
        ([HEADER, "1,,A,,,,,,2026-02-02,2026-02-02,"], [(2, "until")]),
        ([HEADER, ",,,Name,,,,,,,"], [(2, "reference"), (2, "team")]),
        ([HEADER, "1,,A,,,,,,,,", "1,,B,,,,,,,,"], [(2, "since"), (3, "since")]),
        ([HEADER, "1,,A,,,,,,2026-01-01,,", "1,,A,,,,,,2026-01-01,,nee"], [(3, "since"), (3, "active")]),
        ([HEADER, "1,,A,One,P,,,,,,", "2,,A,Two,Q,,,,,,"], [(3, "team_name"), (3, "team_parent")]),
        (["reference,mbox", "1,a@example.nl", "2,b@example.nl", "3,a@example.nl"], [(4, "mbox")]),
        (["reference,mbox", "1,a@example.nl,x"], [(2, "")]),
        (["reference,mbox", '1,"a@example.nl', "2,b"], [(2, "")]),
        (["reference,account", "1,https://l.nl|", "2,l.nl|x", "3,https://l.nl"], [(n, "account") for n in (2, 3, 4)]),
        (["reference,identities", "1,Anna"], [(2, "identities")]),
        (["reference,role", f"1,{'x' * 201}"], [(2, "role")]),
    ],
)  # fmt: skip
def test_everything_that_is_wrong_is_told_with_line_and_column(lines, found) -> None:
    if found is None:
        assert read(*lines).people == ()
    else:
        assert problems(*lines) == found


def test_the_sha1_of_an_address_is_the_same_identity() -> None:
    import hashlib

    sha1 = hashlib.sha1(b"mailto:a@example.nl").hexdigest()
    assert problems("reference,mbox,mbox_sha1sum", "1,a@example.nl,", f"2,,{sha1}") == [(3, "mbox_sha1sum")]


def test_what_is_not_utf_8_is_told_by_line() -> None:
    for body, line in (
        ("reference,role\n1,coördinator\n".encode("cp1252"), 2), ("reference\n".encode("utf-16"), 1),
        (b"reference\n1\n\x00\n", 3),
    ):  # fmt: skip
        with pytest.raises(WrongFile) as wrong:
            read_hr_file(body)
        assert [each.line for each in wrong.value.problems] == [line]


def test_no_value_is_repeated_in_what_is_wrong() -> None:
    with pytest.raises(WrongFile) as wrong:
        read(HEADER, "1,SECRET@@,SECRET,,,,,,SECRET,SECRET,SECRET", "1,SECRET,SECRET,,,,,,SECRET,SECRET,SECRET")
    assert "SECRET" not in str(wrong.value) + str(wrong.value.problems)


@given(st.binary(max_size=400) | st.text(alphabet='reference,;"|@\n\r\t\x00aé', max_size=200).map(str.encode))
def test_whatever_comes_is_read_or_told_to_be_wrong(body: bytes) -> None:
    for each in (body, b"reference,mbox,since\n" + body):
        found = ()
        try:
            assert read_hr_file(each).people is not None
        except WrongFile as wrong:
            found = wrong.problems
        assert all(problem.line >= 1 for problem in found)
