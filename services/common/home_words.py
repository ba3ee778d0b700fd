"""The words of the page at `/`, in both languages. They go into HTML as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Everything the page says in one language; `paths` in the order in which the page lists them."""

    name: str
    switch: str
    what: str
    state: str
    one_of_several: str
    ready: str
    not_ready: str
    service: str
    group: str
    addresses: str
    address: str
    meaning: str
    paths: tuple[str, ...]
    first: str
    credential: str
    post: str
    mix: str
    states: Mapping[str, str]


WORDS = {
    "en": Words(
        name="English",
        switch="Language",
        what="People learn mostly by working, partly from each other and a little from courses. leermix shows the mix "
        "that was recorded, person by person and team by team, and offers a next step.",
        state="State",
        one_of_several="Each service is a process of its own here; this is the one that makes this page. All of them: "
        '<a href="/health/ready">/health/ready</a>.',
        ready="ready",
        not_ready="not ready",
        service="Service",
        group="Reader of the log",
        addresses="Addresses",
        address="Address",
        meaning="What it is",
        paths=(
            "the Learning Record Store: where xAPI statements go",
            "the actual mix of persons and groups",
            "the next step for one person",
            "every address, with what it takes and gives",
            "figures for Prometheus",
            "the state above, for programs",
        ),
        first="First steps",
        credential="Make a credential, on the machine where leermix runs. Its key and secret take the place of KEY and "
        "SECRET below.",
        post="Send a statement:",
        mix="See that person's mix:",
        states={"starting": "starting", "running": "running", "waiting": "waiting", "stopped": "stopped"},
    ),
    "nl": Words(
        name="Nederlands",
        switch="Taal",
        what="Mensen leren vooral door te werken, deels van elkaar en een beetje van cursussen. leermix laat de mix "
        "zien die is vastgelegd, per persoon en per team, en stelt een volgende stap voor.",
        state="Toestand",
        one_of_several="Elke dienst is hier een eigen proces; dit is het proces dat deze pagina maakt. Allemaal: "
        '<a href="/health/ready">/health/ready</a>.',
        ready="gereed",
        not_ready="niet gereed",
        service="Dienst",
        group="Lezer van het logboek",
        addresses="Adressen",
        address="Adres",
        meaning="Wat het is",
        paths=(
            "de Learning Record Store: hier gaan xAPI-statements heen",
            "de werkelijke mix van personen en groepen",
            "de volgende stap voor één persoon",
            "alle adressen, met wat erin en eruit gaat",
            "cijfers voor Prometheus",
            "de toestand hierboven, voor programma's",
        ),
        first="Eerste stappen",
        credential="Maak een toegangssleutel, op de machine waar leermix draait. Sleutel en geheim komen hieronder op "
        "de plaats van KEY en SECRET.",
        post="Stuur een statement:",
        mix="Bekijk de mix van die persoon:",
        states={"starting": "start", "running": "loopt", "waiting": "wacht", "stopped": "gestopt"},
    ),
}
LANGUAGES = tuple(WORDS)
