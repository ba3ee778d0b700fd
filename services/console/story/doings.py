"""What people do in a shift, and what the sources record of it: courses, job aids, talks, posts, tasks.

Durations as in the field: systems for courses nearly always send one, job aids often, talks mostly, posts never.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from services.console.story import materials as m
from services.console.story.diary import Diary
from services.console.story.hospital import Doing
from services.console.story.materials import ADL, STREAMS, TINCAN, Thing, fitting
from services.console.story.shifts import Shift
from services.console.story.writing import activity

_SECOND = timedelta(seconds=1)


def course(diary: Diary, shift: Shift) -> None:
    """Follow an e-learning: begun, some questions, completed, perhaps a test; now and then a job aid on the side."""
    thing = diary.draws.choice(fitting(m.COURSES, diary.person.team.id))
    length = diary.seconds(thing.minutes)
    start = diary.room(shift, length / timedelta(minutes=1) + 2)
    if start is None:
        return
    context = {"registration": str(UUID(int=diary.draws.getrandbits(128), version=4))}
    module = activity("lms", f"{ADL}/course", thing)
    diary.write("lms", "initialized", module, start, context=context)
    for number in range(diary.draws.randint(0, 3)):
        question = activity("lms", f"{ADL}/cmi.interaction", thing, f"/vraag/{number + 1}")
        diary.write("lms", "answered", question, start + length * (0.3 + 0.2 * number), context=context)
    if diary.chance(0.2):
        page = diary.draws.choice(fitting(m.AID_PAGES, diary.person.team.id))
        diary.write("job_aid", "viewed", activity("job_aid", f"{STREAMS}/page", page), start + length / 2,
                    diary.seconds((1, 3)))  # fmt: skip
    known = length if diary.chance(0.9) else None
    diary.write("lms", "completed", module, start + length, known, result={"completion": True}, context=context)
    if diary.chance(0.5):
        _test(diary, thing, start + length, context)
    if diary.chance(0.4):
        diary.write("lms", "terminated", module, start + length + 40 * _SECOND, length + 40 * _SECOND, context=context)


def _test(diary: Diary, thing: Thing, end: datetime, context: Mapping[str, str]) -> None:
    scaled = round(diary.draws.uniform(0.45, 1.0), 2)
    passed = scaled >= 0.6
    test = activity("lms", f"{ADL}/assessment", thing, "/toets")
    diary.write("lms", "passed" if passed else "failed", test, end, diary.seconds((4, 9)),
                result={"score": {"scaled": scaled}, "success": passed}, context=context)  # fmt: skip


def classroom(diary: Diary, shift: Shift) -> None:
    """Sit in a class or webinar; the enrolment was recorded days before, or just before."""
    thing = diary.draws.choice(m.CLASSROOMS)
    length = diary.seconds(thing.minutes)
    start = diary.room(shift, length / timedelta(minutes=1))
    if start is None:
        return
    target = activity("lms", f"{TINCAN}/webinar", thing)
    diary.write("lms", "registered", target, shift.start + 90 * _SECOND)
    diary.write("lms", "attended", target, start + length, length if diary.chance(0.9) else None)


def aid(diary: Diary, shift: Shift) -> None:
    """Take a job aid at hand while working: a checklist, a page, a clip; searched for, now and then."""
    kind = diary.draws.choices((m.AID_LISTS, m.AID_PAGES, m.AID_VIDEOS), weights=(5, 4, 1))[0]
    thing = diary.draws.choice(fitting(kind, diary.person.team.id))
    length = diary.seconds(thing.minutes)
    start = diary.room(shift, length / timedelta(minutes=1))
    if start is None:
        return
    late = diary.chance(0.08)
    if diary.chance(0.08):
        target = activity("job_aid", f"{STREAMS}/application", Thing("zoeken", "Werkhulp zoeken", "Job aid search"))
        diary.write("job_aid", "searched", target, start, late=late)
    activity_type, verb, known = {
        m.AID_LISTS: (f"{TINCAN}/checklist", "completed", 0.8),
        m.AID_PAGES: (f"{STREAMS}/page", "viewed", 0.55),
        m.AID_VIDEOS: ("https://w3id.org/xapi/video/activity-type/video", "completed", 0.9),
    }[kind]
    duration = length if diary.chance(known) else None
    diary.write("job_aid", verb, activity("job_aid", activity_type, thing), start + length, duration, late=late)


def practice(diary: Diary, shift: Shift) -> None:
    """Try something out at work, on purpose, with a task from the job aid app."""
    thing = diary.draws.choice(m.PRACTICES)
    length = diary.seconds(thing.minutes)
    start = diary.room(shift, length / timedelta(minutes=1))
    if start is None:
        return
    target = activity("job_aid", f"{STREAMS}/task", thing)
    duration = length if diary.chance(0.9) else None
    diary.write("job_aid", "completed", target, start + length, duration, late=diary.chance(0.1))


def coaching(diary: Diary, shift: Shift) -> None:
    """Talk with a coach; the coach is named as the instructor."""
    thing = diary.draws.choice(m.COACHING_TALKS)
    length = diary.seconds(thing.minutes)
    start = diary.room(shift, length / timedelta(minutes=1))
    if start is None:
        return
    coach = {"objectType": "Agent", "name": "Coach Adinda", "mbox": "mailto:coach.adinda@lindehof.example"}
    target = activity("coaching", f"{TINCAN}/tutor-session", thing)
    duration = length if diary.chance(0.85) else None
    diary.write("coaching", "attended", target, start + length, duration, context={"instructor": coach})


def talk(diary: Diary, shift: Shift) -> None:
    """Talk something through with a colleague of the team."""
    others = [person for person in diary.colleagues if person != diary.person]
    length = diary.seconds((8, 20))
    start = diary.room(shift, length / timedelta(minutes=1))
    if start is None:
        return
    duration = length if diary.chance(0.6) else None
    diary.write("coaching", "talked-with", diary.draws.choice(others).agent, start + length, duration)


def reading(diary: Diary, shift: Shift) -> None:
    """Read along in a discussion."""
    thing = diary.draws.choice(m.DISCUSSIONS)
    length = diary.seconds(thing.minutes)
    start = diary.room(shift, length / timedelta(minutes=1))
    if start is None:
        return
    target = activity("social", f"{TINCAN}/discussion", thing)
    diary.write("social", "viewed", target, start + length, length if diary.chance(0.35) else None)


def reaction(diary: Diary, shift: Shift) -> None:
    """Write, answer or value something on the social platform: a moment, no minutes."""
    thing = diary.draws.choice(m.DISCUSSIONS)
    at = diary.room(shift, 1)
    if at is None:
        return
    verb, activity_type, part = diary.draws.choices(
        (
            ("posted", f"{STREAMS}/note", f"/bericht/{diary.draws.randrange(10_000)}"),
            ("commented", f"{TINCAN}/discussion", ""),
            ("replied", f"{TINCAN}/forum-topic", "/draad"),
            ("liked", f"{STREAMS}/note", f"/bericht/{diary.draws.randrange(10_000)}"),
        ),
        weights=(2, 4, 3, 5),
    )[0]
    diary.write("social", verb, activity("social", activity_type, thing, part), at)


def task(diary: Diary, shift: Shift) -> None:
    """Finish something in the work system: work, of which it knows no learning minutes."""
    at = diary.room(shift, 1)
    if at is None:
        return
    thing = diary.draws.choice(m.TASKS)
    target = activity("work_system", f"{STREAMS}/issue", thing, f"/{diary.draws.randrange(100_000)}")
    diary.write("work_system", "resolved", target, at)


def login(diary: Diary, shift: Shift) -> None:
    """Log in to the LMS: administration."""
    at = diary.room(shift, 1)
    if at is not None:
        thing = Thing("start", "Leerplein", "Leerplein")
        diary.write("lms", "logged-in", activity("lms", f"{STREAMS}/application", thing), at)


DOINGS: Mapping[Doing, Callable[[Diary, Shift], None]] = {
    "course": course,
    "classroom": classroom,
    "aid": aid,
    "practice": practice,
    "coaching": coaching,
    "talk": talk,
    "reading": reading,
    "reaction": reaction,
    "task": task,
    "login": login,
}
"""What a habit can ask for; feedback on a colleague's statement needs that statement and stands in `month`."""
