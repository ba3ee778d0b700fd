"""What is said against what is known; applied, the same again changes nothing."""

from datetime import date
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.people.identity import alias_of, identity, key_of
from services.analytics.domain.people.plan import Plan, plan
from services.analytics.domain.people.problems import WrongFile
from services.analytics.domain.people.report import MOST, report
from services.analytics.domain.people.state import Known, State
from services.analytics.domain.people.teams import team_changes
from services.analytics.domain.people.wanted import Place, SaidTeam, Stay, Team, Wanted

TODAY = date(2026, 3, 20)


def mbox(name: str) -> str:
    return identity(f"{name}@example.nl")


def account(name: str) -> str:
    return identity(f"https://lms.example.nl|{name}")


def wanted(reference: str, *identities: str, team: str = "A", active: bool = True) -> Wanted:
    return Wanted(reference, identities, (Stay(Place(team)),), active)


def applied(state: State, planned: Plan) -> State:
    """The state after a plan, as the tables would have it."""
    new = count()
    roster, owners, matched = dict(state.roster), dict(state.owners), set(state.matched)
    persons = {each.reference: each.person or f"new{next(new)}-{each.reference}" for each in planned.changes}
    for each in planned.changes:
        for key in each.unlink:
            del owners[key]
    for each in planned.changes:
        person = persons[each.reference]
        before = state.roster[each.reference].memberships if each.reference in state.roster else ()
        after = tuple(sorted({*before} - {*each.gone} | {*each.come}, key=lambda it: it.since))
        roster[each.reference] = Known(each.reference, person, each.active, each.identities, after)
        owners |= {key: person for key, _ in each.link} | dict.fromkeys(each.move, person)
    for match in planned.proposed:
        matched.add(frozenset({match.person or persons[match.reference], match.other}))
    for match in planned.surely:
        owners = {key: match.person if owner == match.other else owner for key, owner in owners.items()}
    teams = dict(state.teams) | {change.team.team: change.team for change in planned.teams}
    return State(roster, owners, state.used, matched, teams)


def test_who_is_known_by_one_of_the_identities_is_the_person() -> None:
    state = State(owners={key_of(account("anna")): "p"}, used={key_of(account("anna"))})
    planned = plan(state, [wanted("1", mbox("anna"), account("anna"))], today=TODAY)
    (change,) = planned.changes
    assert (change.person, change.what) == ("p", "added")
    assert dict(change.link) == {key_of(mbox("anna")): "import", key_of(alias_of(mbox("anna"))): "alias"}
    assert planned.proposed == ()
    again = applied(state, planned)
    assert plan(again, [wanted("1", mbox("anna"), account("anna"))], today=TODAY).empty


def test_two_references_never_mean_one_person_without_a_human() -> None:
    owners = {key_of(mbox("anna")): "p", key_of(account("anna")): "p"}
    state = State(owners=owners, used=set(owners))
    planned = plan(state, [wanted("1", mbox("anna")), wanted("2", account("anna"))], today=TODAY)
    assert [each.person for each in planned.changes] == ["p", None]
    assert [(each.reference, each.person, each.other) for each in planned.proposed] == [("2", None, "p")]


def test_the_sha1_of_ones_own_address_is_ones_own_but_not_somebody_elses_on_the_roster() -> None:
    sha1 = key_of(alias_of(mbox("anna")))
    owners = {key_of(mbox("anna")): "p", sha1: "q"}
    state = State(owners=owners, used=set(owners))
    assert [each.other for each in plan(state, [wanted("1", mbox("anna"))], today=TODAY).surely] == ["q"]
    state = State({"2": Known("2", "q", True, (), ())}, owners, set(owners))
    planned = plan(state, [wanted("1", mbox("anna"))], today=TODAY)
    assert planned.surely == ()
    assert [each.reason for each in planned.proposed] == ["same_reference"]


def test_who_left_keeps_identities_but_not_on_the_roster() -> None:
    state = applied(State(), plan(State(), [wanted("1", mbox("anna"))], today=date(2026, 1, 1)))
    planned = plan(state, [wanted("1", mbox("anna"), active=False)], today=TODAY)
    (change,) = planned.changes
    assert (change.what, change.active, change.identities, change.unlink) == ("left", False, (), ())
    after = applied(state, planned)
    assert after.owners == state.owners
    assert plan(after, [wanted("1", mbox("anna"), active=False)], today=TODAY).empty
    back = plan(after, [wanted("1", mbox("anna"))], today=date(2026, 5, 1))
    assert [each.what for each in back.changes] == ["returned"]


def test_an_inactive_reference_that_was_never_known_begins_no_membership() -> None:
    planned = plan(State(), [wanted("1", mbox("anna"), active=False)], today=TODAY)
    assert [(each.what, each.come) for each in planned.changes] == [("added", ())]


def test_the_report_is_bounded_and_counts_all() -> None:
    planned = plan(State(), [wanted(str(number)) for number in range(MOST + 7)], today=TODAY)
    told = report(planned)
    assert told["counts"]["people_added"] == MOST + 7
    assert (len(told["changes"]), told["more"]) == (MOST, 7)


ORG = {"ORG": Team("ORG", "Hospital"), "ICU": Team("ICU", "ICU", "ORG"), "OLD": Team("OLD", "Old", None, removed=True)}


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ([SaidTeam("ICU")], []),
        ([SaidTeam("ICU", "Intensive care")], [("ICU", ("renamed",))]),
        ([SaidTeam("ICU", None, "")], [("ICU", ("moved",))]),
        ([SaidTeam("ER", None, "ICU")], [("ER", ("added",))]),
        ([SaidTeam("OLD")], [("OLD", ("added",))]),
        ([SaidTeam("A", None, "B"), SaidTeam("B")], [("A", ("added",)), ("B", ("added",))]),
    ],
)
def test_teams(said, changes) -> None:
    assert [(each.team.team, each.changes) for each in team_changes(ORG, said)] == changes


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ([SaidTeam("ER", None, "NOWHERE", 4)], [4]),
        ([SaidTeam("ER", None, "OLD", 4)], [4]),
        ([SaidTeam("ORG", None, "ICU", 5)], [5]),
        ([SaidTeam("A", None, "A", 6)], [6]),
        ([SaidTeam("A", None, "B", 7), SaidTeam("B", None, "C", 8), SaidTeam("C", None, "A", 9)], [7, 8, 9]),
    ],
)
def test_teams_that_make_no_tree(said, lines) -> None:
    with pytest.raises(WrongFile) as wrong:
        team_changes(ORG, said)
    assert [each.line for each in wrong.value.problems] == lines


names = st.sampled_from("abcdef")
people = st.lists(
    st.builds(
        lambda reference, addresses, accounts, team, active: Wanted(
            reference, (*map(mbox, addresses), *map(account, accounts)), (Stay(Place(team)),), active
        ),
        st.sampled_from("123"), st.lists(names, max_size=2, unique=True), st.lists(names, max_size=2, unique=True),
        st.sampled_from(["A", "B", ""]), st.booleans(),
    ),
    max_size=3, unique_by=lambda each: each.reference,
)  # fmt: skip


def _distinct(said: list[Wanted]) -> list[Wanted]:
    """What a file may say: no identity at two references."""
    seen: set[str] = set()
    found = []
    for each in said:
        mine = tuple(it for it in each.identities if it not in seen)
        seen |= set(mine)
        found.append(Wanted(each.reference, mine, each.stays, each.active))
    return found


files_of = st.lists(st.tuples(people, st.booleans()), max_size=5)


@given(files_of, st.dictionaries(names, st.sampled_from("pqr")), st.data())
def test_any_row_of_files_each_again_changes_nothing_and_no_history_moves(files, learned, data) -> None:
    owners = {key_of(account(name)): person for name, person in learned.items()}
    state = State(owners=owners, used=set(owners))
    for number, (said, complete) in enumerate(files):
        today, said = date(2026, 1 + number, 1), _distinct(said)
        planned = plan(state, said, today=today, complete=complete)
        after = applied(state, planned)
        assert plan(after, said, today=today, complete=complete).empty
        for key in state.used:
            assert after.owners[key] == state.owners[key]
        for reference, known in after.roster.items():
            assert all(known.person != each.person for each in after.roster.values() if each.reference != reference)
        unused = sorted(after.owners.keys() - after.used)
        used = set(data.draw(st.lists(st.sampled_from(unused), max_size=2))) if unused else set()
        state = State(after.roster, after.owners, after.used | used, after.matched, after.teams)
