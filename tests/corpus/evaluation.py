"""How well the rules classify what they have not seen: one source family of the corpus is left out at a time.

What was learned from that family alone (rules and words that name no other family) is switched off, and the rest
classifies the family's statements, each as if it came from a source of kind `other`, so that the kind helps nowhere.
"""

import csv
import os
from collections import Counter, defaultdict
from itertools import pairwise
from os.path import commonprefix
from pathlib import Path
from urllib.parse import urlsplit

from services.analytics.domain.classify.classify import classify
from services.analytics.domain.classify.reading import act_of, activities, languages, mapping
from services.analytics.domain.classify.registry import EMPTY_REGISTRY, parse_registry
from services.analytics.domain.classify.rules import STEPS, parse_rules
from services.analytics.domain.classify.selectors import SELECTORS
from services.analytics.domain.classify.words import (
    WORDS,
    last_word,
    normal_iri,
    noun_forms,
    path_end,
    place_and_path,
    verb_forms,
)
from services.analytics.rules import base_data

SECTIONS = (*STEPS, "timings")
MODES = ("formal", "social", "experiential")
SUPPORTS = ("work.support", "work.how_to", "work.ticked")
JUDGED = (*MODES, "not_learning")
CLASSES = (*JUDGED, "unclassified")
FOLDER = Path(os.environ.get("LEERMIX_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")


def gold(row):
    """The corpus calls ambiguous what we call unclassified."""
    return row["gold"]["class"].replace("ambiguous", "unclassified")


# --- leaving a family out


def left_out(data, family):
    """The rule data without what was learned from that family alone."""
    data = {**data, "lists": {name: _words(words, family) for name, words in data["lists"].items()}}
    for section in SECTIONS:
        rules = (_rule(rule, family) for rule in data[section] if set(rule["families"]) != {family})
        data[section] = [rule for rule in rules if rule]
    return data


def _rule(rule, family):
    rule = {**rule, **{name: _words(rule[name], family) for name in SELECTORS if name in rule}}
    if "unless" in rule:
        unless = {name: _words(words, family) for name, words in rule["unless"].items()}
        rule["unless"] = {name: words for name, words in unless.items() if words}
    return rule if all(rule[name] for name in SELECTORS if name in rule) else None


def _words(words, family):
    return [word for word in words if not isinstance(word, dict) or set(word["families"]) != {family}]


# --- what the organisation knows


def registry_of(rows):
    """What the organisation behind a family would register: the places where its people do nothing but work or talk.

    A place is a platform, or else the longest beginning that the ids there share, never shorter than host and first
    part of the path. The gold labels stand in for the organisation, which knows what its own apps are; it does not list
    courses or tests.
    """
    there = defaultdict(list)
    for row in rows:
        if gold(row) in MODES and row["statement"]["object"].get("objectType", "Activity") == "Activity":
            there[_place(row["statement"])].append(row)
    entries = {"things": [], "places": []}
    for (selector, value), found in sorted(there.items()):
        modes = {gold(row) for row in found}
        if len(modes) == 1 and modes & {"social", "experiential"}:
            ids = [row["statement"]["object"]["id"] for row in found] if selector == "id_prefix" else []
            entry = {selector: _beginning(ids, value) if ids else value, "mode": modes.pop()}
            entries["things" if ids else "places"].append(entry)
    return parse_registry({"registry": 1, **entries})


def _beginning(ids, place):
    """What the ids of one place begin with: a folder, unless that would reach beyond the place."""
    common = commonprefix(ids)  # noqa: RUF071 - ids are texts, no paths
    folder = common.rpartition("/")[0] + "/"
    return folder if place and place in folder else common


def _place(statement):
    platform = mapping(statement.get("context")).get("platform")
    if platform:
        return "platform", platform
    parts = urlsplit(statement["object"]["id"])
    return "id_prefix", "/".join([parts.netloc, *parts.path.split("/")[1:2]])


def confusion(rows, *, registry, unnamed=False):
    """Count (gold class, our class) over the corpus, each family left out in its turn.

    `unnamed`: as if no support of work called itself one, in a word that our rules know.
    """
    data, families, table = base_data(), defaultdict(list), Counter()
    if unnamed:
        data["work"] = [rule for rule in data["work"] if not rule["id"].startswith(SUPPORTS)]
    for row in rows:
        families[row["source_family"]].append(row)
    for family, own in families.items():
        rules = parse_rules(left_out(data, family))
        known = registry_of(own) if registry else EMPTY_REGISTRY
        for row in own:
            table[gold(row), classify(row["statement"], family, "other", rules, known).cls] += 1
    return table


# --- scores


def scores(table, cls):
    """Return precision, recall and F1 of one class; 0 where nothing was to find or was found."""
    hit = table[cls, cls]
    said = sum(n for (_, ours), n in table.items() if ours == cls)
    true = sum(n for (truth, _), n in table.items() if truth == cls)
    precision, recall = hit / said if said else 0.0, hit / true if true else 0.0
    return precision, recall, 2 * hit / (said + true) if said + true else 0.0


def macro_f1(table, classes=JUDGED):
    return sum(scores(table, cls)[2] for cls in classes) / len(classes)


def accuracy(table):
    return sum(n for (truth, ours), n in table.items() if truth == ours) / table.total()


# --- which words are whose


def vocabulary():
    """Every word of the general vocabulary: that of xAPI and its profiles, and of the labelling guide."""
    found = set()
    with (FOLDER / "vocab.csv").open(encoding="utf-8", newline="") as lines:
        for term in csv.DictReader(lines):
            found |= {normal_iri(term["iri"]), last_word(term["iri"]), *_tokens(term["iri"]), *_tokens(term["label"])}
    return found | set(_tokens((FOLDER / "LABELLING.md").read_text(encoding="utf-8")))


def families_of_words(rows):
    """In which families each word occurs, for each part of a statement that rules look at."""
    seen = defaultdict(set)
    for row in rows:
        act, family = act_of(row["statement"]), row["source_family"]
        place, path = place_and_path(act.iri)
        parts = {
            "verb": _of_iri(act.verb),
            "type": _of_iri(act.activity_type),
            "id": _tokens(path),
            "end": _tokens(path_end(path)),
            "name": _tokens(" ".join(languages(act.definition.get("name")))),
            "place": _tokens(f"{place} {act.context.get('platform', '')}"),
        }
        related = act.context.get("contextActivities")
        for part, relations in (("above", ("parent", "grouping")), ("category", ("category",))):
            for each in activities(related, *relations):
                definition = mapping(each.get("definition"))
                names = " ".join(languages(definition.get("name")))
                parts[part] = [*parts.get(part, []), *_of_iri(definition.get("type", "")), *_tokens(each["id"])]
                parts[part] += _tokens(names)
        for part, words in parts.items():
            for word in words:
                seen[part, word].add(family)
    return seen


def rule_words(data):
    """Yield (rule, selector, word, families or None) for every word of every rule, lists resolved."""
    for section in SECTIONS:
        for rule in data[section]:
            for selectors in (rule, rule.get("unless", {})):
                for name in SELECTORS:
                    for word, families in _resolved(selectors.get(name, []), rule["families"], data["lists"]):
                        yield rule["id"], name, word, None if families == ["standard"] else families


def _resolved(items, families, lists):
    for item in items:
        if isinstance(item, dict):
            yield from ((word, item["families"]) for word in item["words"])
        elif item.startswith("@"):
            yield from _resolved(lists[item[1:]], ["standard"], lists)
        else:
            yield item, families


def forms(word):
    return {normal_iri(word)} if "://" in word else verb_forms(word) | noun_forms(word)


def _of_iri(iri):
    return [normal_iri(iri), last_word(iri), *_tokens(last_word(iri))] if iri else []


def _tokens(text):
    words = [word.lower() for word in WORDS(text)]
    return [*words, *(f"{first}-{second}" for first, second in pairwise(words))]
