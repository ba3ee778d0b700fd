"""Why a suggestion was made, in words for the person who gets it (law 8), in Dutch and English.

The texts state what is recorded and how the draw went; they never judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.recommend.domain.catalogue import Mode

NAMES_NL: Mapping[Mode, str] = {
    "formal": "formeel leren",
    "social": "leren van en met elkaar",
    "experiential": "leren door te werken",
}
NAMES_EN: Mapping[Mode, str] = {
    "formal": "formal learning",
    "social": "learning from each other",
    "experiential": "learning by working",
}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: a stable code for programs and a sentence for people in either language."""

    code: str
    text_nl: str
    text_en: str


STARTER = Why(
    "starter",
    "Van jou is in de laatste 28 dagen niets vastgelegd. Daarom is dit iets om mee te beginnen; de manier van leren"
    " is geloot.",
    "Nothing was recorded for you in the last 28 days. So this is something to start with; the way of learning was"
    " drawn by lot.",
)
DRAWN_EVENLY = Why(
    "drawn_evenly",
    "Er is geen streefband om mee te vergelijken. Daarom had elke manier van leren evenveel kans.",
    "There is no target band to compare with. So every way of learning had the same chance.",
)
NOT_BELOW = Why(
    "not_below_band",
    "Geen enkele manier van leren ligt onder haar streefband. Daarom had elke evenveel kans.",
    "No way of learning lies below its target band. So each had the same chance.",
)
EVEN_CHANCE = Why(
    "even_chance",
    "De manieren van leren waarvoor wel iets past, hadden evenveel kans.",
    "The ways of learning for which something does fit had the same chance.",
)
NOTHING_FRESH = Why(
    "offered_before",
    "Wat hier past, heb je al eerder gezien. Daarom komt er iets terug.",
    "What fits here you have seen before. So something comes back.",
)


def below_band(mode: Mode, gap: float, minutes: Mapping[Mode, float] | None) -> Why:
    """The recorded share of `mode` lies `-gap` percentage points below its band."""
    points = f"{-gap:.1f}".removesuffix(".0") if gap <= -0.05 else "0.1"
    less_nl, less_en = ("", "") if gap <= -0.05 else ("minder dan ", "less than ")
    distance_nl = f"{less_nl}{points.replace('.', ',')} procentpunt"
    distance_en = f"{less_en}{points} percentage point{'' if points == '1' else 's'}"
    nl = f"Het vastgelegde aandeel {NAMES_NL[mode]} ligt {distance_nl} onder de streefband"
    en = f"The recorded share of {NAMES_EN[mode]} is {distance_en} below its target band"
    if minutes is not None:
        mine, total = round(minutes.get(mode, 0)), round(sum(minutes.values()))
        nl += f" ({mine} van {total} vastgelegde minuten)"
        en += f" ({mine} of {total} recorded minutes)"
    return Why("below_band", f"{nl}.", f"{en}.")


def nothing_fits(mode: Mode) -> Why:
    """`mode` lies furthest below its band, but no entry of it can be offered now."""
    return Why(
        "nothing_fits",
        f"Verder onder de streefband ligt {NAMES_NL[mode]}, maar daarvoor past nu geen idee.",
        f"Further below its target band is {NAMES_EN[mode]}, but no idea for it fits now.",
    )


def not_visible(modes: Sequence[Mode]) -> Why:
    """These modes have no connected source, so that nothing can be said about their share."""
    nl, en = " en ".join(NAMES_NL[m] for m in modes), " and ".join(NAMES_EN[m] for m in modes)
    return Why(
        "not_visible",
        f"Niet zichtbaar en daarom niet vergeleken: {nl}.",
        f"Not visible and therefore not compared: {en}.",
    )


def drawn_by_lot(eligible: int) -> Why:
    """How the entry was drawn within the mode."""
    if eligible == 1:
        return Why("only_one", "Dit is het enige idee dat nu past.", "This is the only idea that fits now.")
    return Why(
        "drawn_by_lot",
        f"Uit {eligible} ideeën die passen is dit geloot.",
        f"Drawn by lot from {eligible} ideas that fit.",
    )
