"""On a firm of 50 in 12 teams of 4 a leader and an analyst still see something useful, and the page shows it."""

from services.analytics.domain.groups.group import Group, Published, group, uncertain
from services.analytics.domain.groups.places import ROOT
from tests.unit.analytics.groups.firm import PAGE, TEAMS, TREE, K, firm, month, written


def test_the_firm_is_told_in_pools_of_which_none_is_small():
    people, places = firm()
    assert len(places) == 50
    made = month()
    assert len(made.blocks) >= 4
    units = [unit for block in made.blocks for unit in block.units]
    assert len(units) == len(set(units))
    published = Published(made.blocks, made.rows, uncertain(made.rows, K), made.quartiles, made.roster)
    whole = group(published, ROOT, TREE, K)
    assert isinstance(whole, Group)
    assert whole.people == len(people)
    assert whole.quartiles
    assert whole.rules["formal"]
    told = [team for team in TEAMS if isinstance(group(published, team, TREE, K), Group)]
    assert not {team for team in TEAMS if TEAMS[team]} & set(told)  # no team of four is told alone


def test_the_page_shows_it_as_it_is():
    text = PAGE.read_text(encoding="utf-8")
    assert text == written(text)
