"""Statements for the tests of classification, as short as they can be."""

ADL = "http://adlnet.gov/expapi/verbs/"
TYPES = "http://adlnet.gov/expapi/activities/"
TINCAN = "http://id.tincanapi.com/activitytype/"
ANNA = {"mbox": "mailto:anna@example.org", "name": "Anna"}
BEN = {"account": {"homePage": "https://hr.example.org", "name": "ben"}}


def statement(verb, activity_type=None, *, thing="https://example.org/thing", name=None, actor=ANNA, **more):
    """An Activity with a verb; a verb without a scheme is ADL's."""
    definition = {}
    if activity_type:
        definition["type"] = activity_type if "://" in activity_type else TYPES + activity_type
    if name:
        definition["name"] = {"en": name}
    target = {"id": thing, **({"definition": definition} if definition else {})}
    return {"actor": actor, "verb": {"id": verb if "://" in verb else ADL + verb}, "object": target, **more}


def about(verb, target, *, actor=ANNA, **more):
    """A statement about something that is no Activity."""
    return {"actor": actor, "verb": {"id": verb if "://" in verb else ADL + verb}, "object": target, **more}


def agent(who):
    return {"objectType": "Agent", **who}


def parent(thing, activity_type=None):
    definition = {"definition": {"type": TYPES + activity_type}} if activity_type else {}
    return {"contextActivities": {"parent": [{"id": thing, **definition}]}}


COURSE = parent("https://lms.example.org/course/1", "course")
