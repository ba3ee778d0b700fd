"""Scenes: what somebody does at some time, in statements as the systems of an organisation send them."""

from collections.abc import Callable
from uuid import UUID

from tests.world.cast import (
    COURSE,
    FORUM,
    INTERVISIE,
    JOB_AIDS,
    QUESTION,
    VIDEO,
    Label,
    Person,
    Stage,
    activity,
    lasting,
)

FORMAL = Label("formal")
FILM = Label("formal", default=60)
AID = Label("experiential", default=180)
TALK = Label("social", default=120)
MEETING = Label("social", default=3600)
GUIDANCE = Label("social", who="object")
WORK = Label("experiential", timed=False)
UNKNOWN = Label("unclassified")
ADMIN = Label("not_learning")

ABSURD = ("PT21H", "P1M", "P1Y2M", "PT0S", "P2D", "PT12H1S")
SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
Scene = Callable[[Stage, Person, int, list[Person]], None]


def course(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """SCORM clothes: a launch, questions inside it, and the same time told by several statements at the end."""
    rng = stage.rng
    number = rng.randint(1, 40)
    target = activity(f"https://lms.example.nl/course/{number}", COURSE)
    context = {"registration": str(UUID(int=rng.getrandbits(128), version=4))}
    told, length = rng.random(), 0
    stage.say(who, "launched", target, at, FORMAL, context=context)
    if rng.random() < 0.5:
        length += rng.randint(0, 90)
        stage.say(who, "initialized", target, at + length, FORMAL, context=context)
    for question in range(rng.randint(0, 8)):
        length += rng.choice((20, 60, 90, 200, 500, 700))
        asked = activity(f"https://lms.example.nl/course/{number}/q{question}", QUESTION)
        duration = lasting(rng.randint(10, 120)) if told < 0.4 else None
        stage.say(who, "answered", asked, at + length, FORMAL, context=context, duration=duration)
    length += rng.choice((30, 300, 900, 1800))
    total = length if rng.random() < 0.7 else length + rng.choice((3600, 18_000))
    if rng.random() < 0.8:
        duration = lasting(total) if told < 0.6 else rng.choice(ABSURD) if told < 0.7 else None
        stage.say(who, "completed", target, at + length, FORMAL, context=context, duration=duration)
    if rng.random() < 0.7:
        length += rng.choice((0, 5, 60, 240, 8000, 20_000) if told > 0.9 else (0, 5, 60, 240))
        duration = lasting(max(length, 1)) if told < 0.6 else None
        stage.say(who, rng.choice(("terminated", "suspended")), target, at + length, FORMAL, context=context,
                  duration=duration)  # fmt: skip
    if rng.random() < 0.3:
        length += rng.choice((60, 50_000))
        duration = lasting(max(length, 1) % 40_000 + 1) if told < 0.3 else None
        stage.say(who, "passed", target, at + length, FORMAL, context=context, duration=duration)


def quiz(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """Questions with a parent and no registration; sometimes their time is told one by one."""
    rng = stage.rng
    parent = f"https://lms.example.nl/quiz/{rng.randint(1, 40)}"
    parents = [{"id": parent}, {"id": parent + "/zzz"}]
    rng.shuffle(parents)
    context = {"contextActivities": {"parent": parents}}
    for number in range(rng.randint(1, 6)):
        at += rng.choice((15, 45, 120, 601, 900))
        duration = lasting(rng.randint(5, 200)) if rng.random() < 0.3 else None
        target = activity(f"{parent}/{number % 3}", QUESTION)
        stage.say(who, "answered", target, at, FORMAL, context=context, duration=duration)
    if rng.random() < 0.6:
        duration = rng.choice((lasting(rng.randint(60, 1500)), None))
        stage.say(who, "completed", activity(parent, COURSE), at + 30, FORMAL, duration=duration)


def film(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """A video that is played and paused, or of which only an absurd end is told."""
    rng = stage.rng
    target = activity(f"https://video.example.nl/{rng.randint(1, 60)}", VIDEO)
    session = {"extensions": {SESSION: f"s{rng.getrandbits(40)}"}} if rng.random() < 0.7 else None
    if rng.random() < 0.3:
        stage.say(who, "completed", target, at, FILM, context=session, duration=rng.choice((*ABSURD, None)))
        return
    for _turn in range(rng.randint(1, 4)):
        stage.say(who, "https://w3id.org/xapi/video/verbs/played", target, at, FILM, context=session)
        at += rng.choice((5, 40, 240, 700))
        if rng.random() < 0.85:
            duration = lasting(rng.randint(1, 300)) if rng.random() < 0.15 else None
            stage.say(who, "https://w3id.org/xapi/video/verbs/paused", target, at, FILM, context=session,
                      duration=duration)  # fmt: skip
        at += rng.choice((10, 300, 1200))


def aid(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """Job aids that are opened and, by some, closed again."""
    rng = stage.rng
    for _turn in range(rng.randint(1, 3)):
        target = activity(f"{JOB_AIDS}{rng.randint(1, 9)}")
        sent = {"source": "intranet", "kind": "job_aid", "timestamp": rng.random() > 0.05}
        stage.say(who, "https://example.nl/verbs/opened", target, at, AID, **sent)
        if rng.random() < 0.5:
            at += rng.choice((20, 60, 170, 900))
            stage.say(who, "https://example.nl/verbs/closed", target, at, AID, **sent)
        at += rng.choice((30, 130, 400, 2000))


def talk(stage: Stage, who: Person, at: int, others: list[Person]) -> None:
    """A conversation of several people on a forum, in which somebody reads too."""
    rng = stage.rng
    target = activity(f"https://wiki.example.nl/topic/{rng.randint(1, 30)}", FORUM)
    for _turn in range(rng.randint(1, 4)):
        verb = rng.choice(("commented", "http://id.tincanapi.com/verb/replied", "experienced"))
        duration = lasting(rng.randint(30, 600)) if rng.random() < 0.1 else None
        speaker = who if rng.random() < 0.6 else rng.choice(others)
        stage.say(speaker, verb, target, at, TALK, source="wiki", kind="social", duration=duration)
        at += rng.choice((45, 200, 590, 1500))


def meeting(stage: Stage, who: Person, at: int, others: list[Person]) -> None:
    """Peers who meet, in one statement about a Group; one of them may be in it under two names."""
    rng = stage.rng
    members = [dict(rng.choice(each.agents)) for each in (who, *rng.sample(others, min(3, len(others))))]
    members.append(dict(rng.choice(who.agents)))
    rng.shuffle(members)
    duration = rng.choice(("PT1H", "PT1H30M", None))
    target = activity(f"https://example.nl/intervisie/{rng.randint(1, 9)}", INTERVISIE)
    stage.say(members, "attended", target, at, MEETING, source="meet", kind="social", duration=duration)


def guidance(stage: Stage, who: Person, at: int, others: list[Person]) -> None:
    """A coach tells how long somebody else was coached."""
    coachee = {"objectType": "Agent", **stage.rng.choice(stage.rng.choice(others).agents)}
    duration = stage.rng.choice(("PT30M", "PT45M", "PT1H", None))
    stage.say(who, "http://id.tincanapi.com/verb/mentored", coachee, at, GUIDANCE, source="coach", kind="coaching",
              duration=duration)  # fmt: skip


def work(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """Results of ordinary work, which have no minutes whatever they say."""
    target = activity(
        f"https://ehr.example.nl/task/{stage.rng.randint(1, 9)}", "http://activitystrea.ms/schema/1.0/task"
    )
    stage.say(who, "completed", target, at, WORK, source="ehr", kind="work_system", duration="PT20M")


def login(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """Administration."""
    target = activity("https://lms.example.nl/", "http://activitystrea.ms/schema/1.0/application")
    stage.say(who, "https://w3id.org/xapi/adl/verbs/logged-in", target, at, ADMIN, duration="PT5M")


def riddle(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """What nobody has a rule for, some of it with a duration."""
    rng = stage.rng
    target = activity(f"https://x.example.nl/thing/{rng.randint(1, 9)}", "https://x.example.nl/types/thing")
    for _turn in range(rng.randint(1, 3)):
        duration = rng.choice((None, None, "PT10M", "PT45M"))
        stage.say(who, "https://x.example.nl/verbs/frobbed", target, at, UNKNOWN, source="x", kind="other",
                  duration=duration, timestamp=rng.random() > 0.1)  # fmt: skip
        at += rng.choice((60, 500, 800))


def chaos(stage: Stage, who: Person, at: int, _: list[Person]) -> None:
    """Any verb after any other, about three things in one thread, often in the same second."""
    rng = stage.rng
    verbs = ("opened", "closed", "completed", "passed", "viewed", "voted", "posted", "resumed", "paused", "played")
    context = {"registration": str(UUID(int=rng.getrandbits(128), version=4)).upper()}
    for _turn in range(rng.randint(2, 14)):
        at += rng.choice((0, 0, 1, 60, 300, 599, 600, 601, 1500, 9000))
        duration = lasting(rng.choice((1, 60, 600, 1800, 15_000))) if rng.random() < 0.2 else None
        target = activity(f"{JOB_AIDS}c{rng.randint(1, 3)}")
        stage.say(who, "https://example.nl/verbs/" + rng.choice(verbs), target, at, AID, context=context,
                  duration=duration, source="intranet", kind="job_aid", timestamp=rng.random() > 0.03)  # fmt: skip


SCENES: dict[Scene, int] = {
    course: 20,
    quiz: 12,
    film: 12,
    aid: 20,
    talk: 14,
    meeting: 2,
    guidance: 4,
    work: 6,
    login: 12,
    riddle: 4,
    chaos: 5,
}
