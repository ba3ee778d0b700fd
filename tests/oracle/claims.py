"""What the statements of a thread claim, asked of each statement and each pair of them (MIX.md 1, rules 5 to 10, 14).

Times are whole seconds since 1970. A statement is a dict with the keys of `reading.said`.
"""

from itertools import combinations

G = 600
FOUR_HOURS = 4 * 3600
RANK = {"closer": 0, "outcome": 1, "other": 2, "opener": 3}


def in_order(thread):
    return sorted(thread, key=lambda s: (s["t"], RANK[s["part"]], s["id"]))


def visits_of(thread):
    """Rule 7, for each object alone."""
    found = []
    for thing in {s["object"] for s in thread}:
        visit = []
        for s in in_order([s for s in thread if s["object"] == thing]):
            if visit and _begins_anew(visit, s):
                found.append(visit)
                visit = []
            visit.append(s)
        found.append(visit)
    return found


def _begins_anew(visit, s):
    far = s["t"] - visit[-1]["t"] > G
    parts = [v["part"] for v in visit]
    if s["part"] == "opener":
        return far or parts[-1] != "opener"
    if s["part"] == "outcome" and "opener" in parts:
        return False
    if s["part"] == "closer" and "opener" in parts and "closer" not in parts:
        return False
    return far


def _only(visit, part):
    return [s for s in visit if s["part"] == part]


def _end(visit):
    return (_only(visit, "closer")[:1] or _only(visit, "outcome")[-1:] or visit[-1:])[0]


def claims_of(thread):
    """All claims of a thread, as (start, end, known, id); a statement may have two."""
    timely = [s for s in thread if not s["arrival"]]
    claims, quiet, reported_visits = [], [], []
    for visit in visits_of(timely):
        found = _reported(visit)
        if found and _only(visit, "opener"):
            reported_visits.append((visit[0]["t"], _end(visit)["t"]))
        if not found:
            found = _session(visit)
        claims += found
        if found and any(s["part"] != "other" for s in visit):
            quiet.append((visit, visit[0]["t"], _end(visit)["t"]))
    claims += [(s["t"] - s["d"], s["t"], "reported", s["id"]) for s in thread if s["arrival"] and s["d"]]
    claims += _since(timely, reported_visits)
    return claims + _defaults(thread, claims, quiet)


def _reported(visit):
    """Rule 8."""
    timed = [s for s in visit if s["d"]]
    if all(s["part"] == "other" for s in visit):
        return [(s["t"] - s["d"], s["t"], "reported", s["id"]) for s in timed]
    if not timed:
        return []
    opened = min((s["t"] for s in _only(visit, "opener")), default=None)
    inside = {s["id"]: s["d"] if opened is None else min(s["d"], s["t"] - opened) for s in timed}
    longest = max(inside.values())
    chosen = next(s for s in timed if inside[s["id"]] == longest)
    return [(chosen["t"] - (longest or chosen["d"]), chosen["t"], "reported", chosen["id"])]


def _session(visit):
    """Rule 9, the first half."""
    openers, ends = _only(visit, "opener"), _only(visit, "closer")[:1] or _only(visit, "outcome")[-1:]
    if openers and ends and 0 < ends[0]["t"] - openers[-1]["t"] <= FOUR_HOURS and ends[0]["timed"]:
        return [(openers[-1]["t"], ends[0]["t"], "session", ends[0]["id"])]
    return []


def _since(timely, reported_visits):
    """Rule 9, the second half."""
    ordered, found = in_order(timely), []
    for i in range(1, len(ordered)):
        before, s = ordered[i - 1], ordered[i]
        allowed = (
            not s["d"]
            and s["timed"]
            and before["timed"]
            and 0 < s["t"] - before["t"] <= G
            and before["part"] != "closer"
            and not (s["part"] == "opener" and s["object"] == before["object"])
            and not before["discrete"]
            and not s["discrete"]
            and not any(start <= before["t"] and s["t"] <= end for start, end in reported_visits)
        )
        if allowed:
            found.append((before["t"], s["t"], "session", s["id"]))
    return found


def _defaults(thread, claims, quiet):
    """Rule 10."""
    found = []
    for s in thread:
        claimed = any(c[3] == s["id"] for c in claims)
        near = any(start - G <= s["t"] <= end + G for start, end, _, _ in claims)
        visited = any(s in visit or start - G <= s["t"] <= end + G for visit, start, end in quiet)
        if s["default"] and not claimed and not near and not visited:
            start = s["t"] if s["part"] == "opener" else s["t"] - s["default"]
            found.append((start, start + s["default"], "default", s["id"]))
    return found


def moments_of(thread, claims):
    """Rule 14: what is near each other or under one claim hangs together; the ids of the last of each."""
    ordered = in_order(thread)
    group = list(range(len(ordered)))
    for i, j in combinations(range(len(ordered)), 2):
        a, b = ordered[i]["t"], ordered[j]["t"]
        if b - a <= G or any(start <= a and b <= end for start, end, _, _ in claims):
            group = [group[i] if g == group[j] else g for g in group]
    return {max(i for i in range(len(ordered)) if group[i] == g) for g in set(group)}, ordered
