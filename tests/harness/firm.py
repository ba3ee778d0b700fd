"""An HR file of a large organisation, and the same a month later: 5 % of its people are otherwise."""

HEADER = "reference;mbox;account;team;team_name;team_parent;role;location;relation;since;until;active"
_ROLES = ("nurse", "physician", "planner", "cleaner", "teacher")
_RELATIONS = ("employee", "employee", "employee", "student", "intern", "flex")


def hr_file(people: int, *, later: bool = False) -> bytes:
    """Return an HR file as a Dutch Excel saves it. `later`: each twentieth reference has changed, left or is new."""
    teams = max(1, people // 50)
    lines = [HEADER, ";;;ORG;Organisation;;;;;;;"]
    lines += [f";;;D{number};Division {number};ORG;;;;;;" for number in range(20)]
    lines += [f";;;T{number};Team {number};D{number % 20};;;;;;" for number in range(teams)]
    lines += [_line(number, teams, later and number % 20 == 0) for number in range(people)]
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def _line(number: int, teams: int, changed: bool) -> str:
    how = number // 20 % 5 if changed else None
    reference = f"N{number}" if how == 4 else str(100_000 + number)  # how 4: somebody else in the same place
    mbox = f"{'new.' if how in (1, 4) else ''}p{number}@example.nl"
    team = f"T{(number + (how == 0)) % teams}"
    role = _ROLES[(number + (how == 2)) % len(_ROLES)]
    active = "nee" if how == 3 else "ja"
    account = f"https://lms.example.nl|{'n' if how == 4 else 'p'}{number}"
    relation = _RELATIONS[number % len(_RELATIONS)]
    return f"{reference};{mbox};{account};{team};;;{role};Place {number % 7};{relation};1-2-2024;;{active}"
