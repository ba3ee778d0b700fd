"""What every person has on every day, by painting each second (MIX.md 1, rules 1 to 3 and 11 to 15)."""

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from tests.oracle.claims import claims_of, moments_of

OPENERS = {"launched", "initialized", "opened", "played", "resumed", "joined"}
CLOSERS = {"terminated", "suspended", "closed", "paused", "left"}
OUTCOMES = {"completed", "passed", "failed", "satisfied"}
DISCRETE = {"posted", "replied", "asked", "voted", "commented"}
BEST = ["reported", "session", "default"]
SPECIFIC = ["experiential", "social", "formal", "unclassified"]
EPOCH = date(1970, 1, 1).toordinal()
SCALES = {"minutes": 1.0, "halved": 0.5, "doubled": 2.0}


def figures(deliveries, labels, person_of, zone):
    """Return {(person, day, class): Counter} of seconds and numbers. `person_of` is asked about an agent."""
    return _figures(deliveries, labels, person_of, Days(ZoneInfo(zone)))


def window_figures(deliveries, labels, person_of, windows):
    """The same by window in the place of the day; windows are (since, until) in seconds."""
    return _figures(deliveries, labels, person_of, Windows(windows))


def _figures(deliveries, labels, person_of, frame):
    found = defaultdict(Counter)
    for person, said in _by_person(deliveries, labels, person_of).items():
        _person(found, person, said, frame)
    return {key: +counter for key, counter in found.items() if +counter}


class Days:
    """Local days."""

    def __init__(self, zone):
        self._zone = zone

    def at(self, second):
        yield day_of(second, self._zone)

    def bits(self, start, end):
        """The seconds of a claim as bits, quarter by quarter, each with its day."""
        while start < end:
            stop = min(end, (start // 900 + 1) * 900)
            day = day_of(start, self._zone)
            yield day, ((1 << (stop - start)) - 1) << (start - (day.toordinal() - EPOCH - 2) * 86_400)
            start = stop


class Windows:
    """Any pieces of time, also such as overlap."""

    def __init__(self, windows):
        self._windows = windows

    def at(self, second):
        return (each for each in self._windows if each[0] <= second < each[1])

    def bits(self, start, end):
        """The seconds of a claim within each window, as bits."""
        for since, until in self._windows:
            first, last = max(start, since), min(end, until)
            if first < last:
                yield (since, until), ((1 << (last - first)) - 1) << (first - since)


def _by_person(deliveries, labels, person_of):
    first, voided = {}, set()
    for each in deliveries:
        first.setdefault(each["statement"]["id"], each)
    for each in first.values():
        if each["statement"]["verb"]["id"].endswith("/voided"):
            voided.add(each["statement"]["object"]["id"])
    persons = defaultdict(list)
    for sid, each in first.items():
        if sid in voided and not each["statement"]["verb"]["id"].endswith("/voided"):
            continue
        label = labels[sid]
        for person, given in _learners(each["statement"], label, person_of).items():
            persons[person].append(said(each, label) | {"given": given})
    return persons


def _learners(statement, label, person_of):
    """Rule 3: who, and whether that person gave the time."""
    actor = statement["actor"]
    if label.who == "object":
        who = {person_of(actor): True}
        who[person_of(statement["object"])] = False
        return who
    return {person_of(agent): False for agent in actor.get("member", [actor])}


def said(delivery, label):
    """What one statement says, rules 2, 4, 5 and 6."""
    statement = delivery["statement"]
    verb = statement["verb"]["id"].rsplit("/", 1)[1]
    text = statement.get("result", {}).get("duration")
    length = _length(text)
    believed = length is not None and 0 < length <= label.cap
    timed = label.timed
    return {
        "id": statement["id"],
        "t": _second(statement.get("timestamp") or delivery["arrived"]),
        "arrival": "timestamp" not in statement,
        "cls": label.cls,
        "d": length if believed and timed else 0,
        "disbelieved": text is not None and not believed,
        "default": label.default if timed else 0,
        "timed": timed,
        "thread": _thread(statement),
        "object": str(statement["object"]),
        "part": "other" if not timed else _part(verb),
        "discrete": verb in DISCRETE,
    }


def _part(verb):
    named = (("opener", OPENERS), ("closer", CLOSERS), ("outcome", OUTCOMES))
    return next((part for part, verbs in named if verb in verbs), "other")


def _length(text):
    if text is None:
        return None
    years, months, days, hours, minutes, seconds = re.fullmatch(
        r"P(\d+Y)?(\d+M)?(\d+D)?(?:T(\d+H)?(\d+M)?(\d+S)?)?", text
    ).groups()
    if years or months:
        return None
    numbers = [int((part or "0x")[:-1]) for part in (days, hours, minutes, seconds)]
    return ((numbers[0] * 24 + numbers[1]) * 60 + numbers[2]) * 60 + numbers[3]


def _thread(statement):
    context = statement.get("context", {})
    for iri, value in context.get("extensions", {}).items():
        if iri.endswith(("sessionid", "session-id")):
            return "session", value
    if "registration" in context:
        return "registration", context["registration"].lower()
    parents = context.get("contextActivities", {}).get("parent")
    if parents:
        return "thing", min(parent["id"] for parent in parents)
    return "thing", statement["object"].get("id") or str(statement["object"])


def _second(text):
    return round(datetime.fromisoformat(text).timestamp())


@cache
def _day(quarter, zone):
    """The local date of a quarter of an hour: no zone of today changes its clock within one."""
    return datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).date()


def day_of(second, zone) -> date:
    return _day(second // 900, zone)


def _person(found, person, everything, frame):
    claims, given = [], []
    threads = defaultdict(list)
    for s in everything:
        if not s["given"]:
            for span in frame.at(s["t"]):
                found[person, span, s["cls"]]["events"] += 1
        if s["cls"] != "not_learning":
            threads[s["cls"], s["thread"], s["given"]].append(s)
    for (cls, _, gave), thread in threads.items():
        mine = claims_of(thread)
        parts = {s["id"]: s["part"] for s in thread}
        (given if gave else claims).extend((*claim, cls, parts[claim[3]]) for claim in mine)
        if not gave:
            _numbers(found, person, thread, mine, frame, cls)
    for name, scale in SCALES.items():
        _paint(found, person, [_scaled(claim, scale) for claim in claims], name, frame)
    _paint(found, person, [claim for claim in claims if claim[2] != "default"], "measured", frame)
    _paint(found, person, given, "given", frame)


def _numbers(found, person, thread, claims, frame, cls):
    last, ordered = moments_of(thread, claims)
    known = {claim[3]: claim[2] for claim in claims}
    for i, s in enumerate(ordered):
        for span in frame.at(s["t"]):
            row = found[person, span, cls]
            row["moments"] += i in last
            row["arrival"] += s["arrival"]
            row["disbelieved"] += s["disbelieved"]
            row["untimed"] += s["id"] not in known
            row["defaults"] += known.get(s["id"]) == "default"


def _scaled(claim, scale):
    start, end, known, sid, cls, part = claim
    if known != "default":
        return claim
    length = round((end - start) * scale)
    return (start, start + length, known, sid, cls, part) if part == "opener" else (end - length, end, *claim[2:])


def _paint(found, person, claims, name, frame):
    """Give every second to the most specific claim, and count. A canvas is a number with a bit for each second."""
    covered, won, known = defaultdict(int), defaultdict(int), defaultdict(int)
    for start, end, how, _, cls, _ in sorted(claims, key=_specific):
        for span, seconds in frame.bits(start, end):
            won[span, cls] |= seconds & ~covered[span]
            covered[span] |= seconds
            known[span, cls, how] |= seconds
    for (span, cls), seconds in won.items():
        row = found[person, span, cls]
        row[name] += seconds.bit_count()
        if name == "minutes":
            for how in BEST:
                row[how] += (seconds & known[span, cls, how]).bit_count()
                seconds &= ~known[span, cls, how]


def _specific(claim):
    """Rule 12."""
    start, end, known, sid, cls, _ = claim
    return cls == "unclassified", end - start, BEST.index(known), SPECIFIC.index(cls), sid
