"""What the people of the story learn from: courses, job aids, tasks, topics. Dutch and English names, made up."""

from dataclasses import dataclass

LMS = "https://leren.lindehof.example"
AIDS = "https://werkhulp.lindehof.example"
COACHING = "https://gesprek.lindehof.example"
SOCIAL = "https://plein.lindehof.example"
WORK = "https://meldingen.lindehof.example"

ADL = "http://adlnet.gov/expapi/activities"
TINCAN = "http://id.tincanapi.com/activitytype"
STREAMS = "http://activitystrea.ms/schema/1.0"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something a statement can be about. `minutes`: how long it takes, from and to. `teams`: none means everybody."""

    path: str
    nl: str
    en: str
    minutes: tuple[int, int] = (0, 0)
    teams: tuple[str, ...] = ()


COURSES = (
    Thing("welkom", "Welkom bij De Lindehof", "Welcome to De Lindehof", (30, 55)),
    Thing("gastvrij", "Gastvrijheid aan het bed", "Hospitality at the bedside", (25, 45), ("c2", "h4", "seh")),
    Thing("telefoon", "Klantgericht telefoneren", "Customer-minded on the phone", (20, 40), ("poli", "beeld")),
    Thing("emoties", "Omgaan met klachten en emoties", "Dealing with complaints and emotions", (30, 50)),
    Thing("wachttijd", "Eerlijk over wachttijd", "Honest about waiting times", (15, 30), ("seh", "poli", "beeld")),
    Thing("allergie", "Allergenen en gastvrij serveren", "Allergens and serving with care", (20, 35), ("keuken",)),
    Thing("privacy", "Privacy aan de balie en op de gang", "Privacy at the desk and in the corridor", (15, 25)),
    Thing("taal", "Begrijpelijk uitleggen", "Explaining in plain language", (20, 40)),
)
CLASSROOMS = (
    Thing("patientreis", "Klas: de reis van de patiënt", "Class: the patient's journey", (60, 120)),
    Thing("gastheer", "Webinar: gastheer zijn onder druk", "Webinar: a good host under pressure", (45, 60)),
)
AID_LISTS = (
    Thing("opname", "Checklist opnamegesprek", "Checklist for the admission talk", (3, 7), ("c2", "h4", "seh")),
    Thing("ontslag", "Checklist ontslag met een warm afscheid", "Checklist for a warm discharge", (3, 6), ("c2", "h4")),
    Thing("balie", "Checklist start van de balie", "Checklist for opening the desk", (2, 5), ("poli", "beeld")),
    Thing("dienblad", "Checklist dienblad en dieet", "Checklist for tray and diet", (2, 4), ("keuken",)),
    Thing("overdracht", "Overdracht aan het bed", "Handover at the bedside", (3, 6), ("c2", "h4", "seh")),
    Thing("eerste-minuut", "De eerste minuut: naam, rol, wat nu", "The first minute: name, role, what next", (2, 4)),
)
AID_PAGES = (
    Thing(
        "wachttijd", "Gesprekskaart: slecht nieuws over de wachttijd", "Talking card: bad news about waiting", (2, 5)
    ),
    Thing("tolk", "Zo bel je de tolk", "How to call the interpreter", (1, 4)),
    Thing("route", "Zo leg je een route uit", "How to explain the way", (1, 3)),
    Thing(
        "familie",
        "Familie aan het bed: wat kan",
        "Family at the bedside: what is possible",
        (2, 5),
        ("c2", "h4", "seh"),
    ),
    Thing("menu", "Menukaart: vervangen bij allergie", "Menu: replacing what cannot be eaten", (2, 5), ("keuken",)),
    Thing("bezwaar", "Als iemand boos wordt", "When somebody gets angry", (2, 5)),
)
AID_VIDEOS = (
    Thing("kloppen", "Filmpje: kloppen, kijken, knikken", "Clip: knock, look, nod", (2, 3)),
    Thing("luisteren", "Filmpje: luisteren in twee minuten", "Clip: listening in two minutes", (2, 4)),
)
PRACTICES = (
    Thing("meelopen", "Loop mee met een patiënt", "Follow a patient through the house", (45, 110)),
    Thing("spiegel", "Vraag drie gasten wat beter kan", "Ask three guests what could be better", (20, 40)),
    Thing("ronde", "Gastvrijheidsronde met je collega", "Hospitality round with a colleague", (25, 50)),
    Thing("proef", "Probeer een dag een andere begroeting", "Try another greeting for a day", (15, 30)),
)
COACHING_TALKS = (
    Thing("eigen-stijl", "Coachgesprek: jouw stijl als gastheer", "Coaching: your style as a host", (25, 50)),
    Thing("lastig", "Coachgesprek: een lastig moment terugkijken", "Coaching: looking back at a hard moment", (20, 45)),
)
CIRCLES = (
    Thing("intervisie", "Intervisie: wat zag je deze week", "Peer reflection: what did you see this week", (45, 60)),
    Thing("nabespreking", "Nabespreking na een drukke dienst", "Debriefing after a busy shift", (20, 35)),
)
DISCUSSIONS = (
    Thing(
        "wachtkamer",
        "Wat doen jullie als de wachtkamer vol zit?",
        "What do you do when the waiting room is full?",
        (2, 8),
    ),
    Thing("compliment", "Mooiste compliment van de week", "The best compliment of the week", (1, 5)),
    Thing("eten", "Warm eten, ook om acht uur 's avonds", "A warm meal, at eight in the evening too", (2, 7)),
    Thing("bezoek", "Ruimere bezoektijden: eerste ervaringen", "Longer visiting hours: first experiences", (3, 9)),
    Thing("naam", "Je naam zeggen: hoe doe jij dat?", "Saying your name: how do you do it?", (2, 6)),
)
TASKS = (
    Thing("klacht", "Melding van een patiënt opgelost", "A patient's report resolved"),
    Thing("idee", "Verbeteridee uitgevoerd", "An idea for improvement carried out"),
    Thing("wens", "Bijzondere wens geregeld", "A special wish arranged"),
)


def fitting(things: tuple[Thing, ...], team: str) -> tuple[Thing, ...]:
    """Return what suits a team, in the order of the list."""
    return tuple(thing for thing in things if not thing.teams or team in thing.teams)
