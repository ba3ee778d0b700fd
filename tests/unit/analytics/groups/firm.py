"""A generated firm of 50 in 12 teams of 4, and two people without a team: what a leader and an analyst see of a month.

`python -m tests.unit.analytics.groups.firm` writes the example into docs/groups.md; a test holds that it stands there.
"""

from pathlib import Path
from random import Random

from schemas.events import MODES
from services.analytics.domain.groups.contribution import Certainty, Contribution, Leaf, Part
from services.analytics.domain.groups.figures import figures, part, support
from services.analytics.domain.groups.group import Group, Published, group, uncertain
from services.analytics.domain.groups.month import Month
from services.analytics.domain.groups.places import ROOT, Place, Tree
from services.analytics.domain.groups.release import release
from tests.unit.analytics.groups.worlds import READ_BY

K = 5
PAGE = Path(__file__).parents[4] / "docs" / "groups.md"
BEGIN, END = "<!-- firm: begin -->\n", "<!-- firm: end -->\n"
VISIBLE = {"formal": True, "social": True, "experiential": True}
_MINUTE_US = 60_000_000

TEAMS = (
    {"care": None, "office": None}
    | {f"ward {n}": "care" for n in range(1, 9)}
    | dict.fromkeys(("finance", "hr", "it", "planning"), "office")
)
TREE = Tree(TEAMS)


def firm() -> tuple[dict[str, Contribution], dict[str, Place]]:
    """Everybody's contribution to a month, and place."""
    random = Random(50)
    homes = [team for team in TEAMS if TEAMS[team] for _ in range(4)] + [ROOT, ROOT]
    people: dict[str, Contribution] = {}
    places: dict[str, Place] = {}
    for number, team in enumerate(homes):
        person = f"person {number:02}"
        role = "lead" if number % 4 == 0 and team else "nurse" if TEAMS.get(team) == "care" else "staff"
        places[person] = Place(team, role, "north" if number < 24 else "south")
        made = _contribution(random)
        if made is not None:
            people[person] = made
    return people, places


def _contribution(random: Random) -> Contribution | None:
    leaves: dict[Leaf, Part] = {}
    for leaf, often, most, counts in (
        (Leaf("formal", "lms", "formal.course"), 0.8, 180, 4),
        (Leaf("experiential", "job-aid", "thing:work-instruction", support=True), 0.7, 12, 9),
        (Leaf("social", "forum", "people.contribution"), 0.5, 40, 6),
        (Leaf("social", "coaching", "people.coaching"), 0.1, 60, 1),
        (Leaf("unclassified", "lms", "kind:lms"), 0.1, 10, 2),
    ):
        if random.random() < often:
            events = random.randint(1, counts)
            leaves[leaf] = Part(random.randint(1, most) * _MINUTE_US, events, max(1, events // 2))
    if not leaves:
        return None
    leaves[Leaf("people")] = Part(0, 1, 0)
    leaves |= {Leaf("reached"): Part(0, 1, 0)} if any(leaf.support for leaf in leaves) else {}
    certainty = {kind: _certainty(leaves, kind) for kind in MODES}
    return Contribution(leaves, {kind: each for kind, each in certainty.items() if any(each)})


def _certainty(leaves: dict[Leaf, Part], kind: str) -> Certainty:
    minutes = sum(each.minutes_us for leaf, each in leaves.items() if leaf.kind == kind)
    if kind == "formal":
        return Certainty(minutes, 0, 0, minutes, minutes)
    return Certainty(0, 0, minutes, minutes // 2, 2 * minutes)


def month() -> Month:
    people, places = firm()
    return release(None, people, places, TREE, read_by=READ_BY, k=K, at="2026-10-01")


def page() -> str:
    """The example as it stands in docs/groups.md."""
    made = month()
    published = Published(made.blocks, made.rows, uncertain(made.rows, K), made.quartiles, made.roster)
    whole = group(published, ROOT, TREE, K)
    assert isinstance(whole, Group)
    lines = ["| group | people | formal | social | experiential | told |", "|---|---|---|---|---|---|"]
    lines.append(_row("the firm", whole))
    for team in sorted(TEAMS, key=lambda team: (TEAMS[team] or team, TEAMS[team] is not None, team)):
        told = group(published, team, TREE, K)
        if isinstance(told, Group):
            lines.append(_row(team, told))
        else:
            others = ", ".join(sorted((each or "people without a team") for each in told.units - {team}))
            lines.append(f"| {team} | | | | | with {others} |")
    return "\n".join([*lines, "", *_more(whole)]) + "\n"


def _row(name: str, of: Group) -> str:
    told = figures(of, VISIBLE, "minutes")
    shares = [f"{told.minutes[mode]:.0f} min, {100 * (told.share or {})[mode]:.0f} %" for mode in MODES]
    return f"| {name} | {told.seen} of {told.roster} | {' | '.join(shares)} | yes |"


def _more(whole: Group) -> list[str]:
    told, segment = figures(whole, VISIBLE, "minutes"), support(whole)
    lines = [
        f"- Shares with every default halved and doubled: {_shares(told.halved)}; {_shares(told.doubled)}.",
        "- Rules: " + "; ".join(f"{rule} {n}" for rules in whole.rules.values() for rule, n in rules.items()) + ".",
        "- Statements by other rules, or of too few people: "
        + ", ".join(f"{kind} {number}" for kind, number in whole.other.items())
        + ".",
    ]
    if segment:
        lines.append(
            f"- Performance support: {segment.uses} uses by {segment.people} people, {segment.minutes:.0f} minutes."
        )
    lines += [
        f"- Quartiles of {mode} minutes: {', '.join(f'{each / _MINUTE_US:.0f}' for each in whole.quartiles[mode])}."
        if mode in whole.quartiles
        else f"- Quartiles of {mode} minutes: not told."
        for mode in MODES
    ]
    for way in ("source", "role", "location"):
        shown = [value for value in whole.ways[way] if part(whole, way, value, VISIBLE, "minutes")]
        hidden = sorted(whole.untold[way])
        lines.append(f"- By {way}: {', '.join(shown) or 'none'}. Not told: {', '.join(hidden) or 'none'}.")
    return lines


def _shares(shares: object) -> str:
    assert isinstance(shares, dict)
    return ", ".join(f"{mode} {100 * shares[mode]:.0f} %" for mode in MODES)


def written(text: str) -> str:
    """The page with the example as it is now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + page() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
