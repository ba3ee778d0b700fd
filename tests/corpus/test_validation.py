"""The statement contract against real statements, and docs/validation-disagreements.md, which shows where we and the
corpus's validator part.

`LEERMIX_WRITE_PAGES=1 pytest tests/corpus/test_validation.py` writes the page anew; a test holds it to what is so now.
"""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from services.common.errors import Rejected
from services.ingest.domain.crosschecks import DEEPEST
from services.ingest.domain.validation import validate

pytestmark = pytest.mark.corpus

PAGE = Path(__file__).parents[2] / "docs" / "validation-disagreements.md"

UUID = "valid: a UUID must be in standard string form (1.0.3 Data 4.4); variant 2 of RFC 4122 is only recommended"
SPECIFICATION = {
    "adlnet-xapi-spec-001": "invalid as sent: without fileUrl its bytes must come in the request (1.0.3 Data 2.4.11)",
    "learninglocker-docs-007": "valid in 1.0.3: ISO 8601 is enough (Data 4.5); invalid in 2.0: RFC 3339 has seconds",
    "gaia-x-dases-xapi-assessment-x001": "valid: the extension keys are IRIs by RFC 3986, if with an unlikely scheme",
    "raif-s-naffah-xapi-rs-x007": "valid: we find no rule that it breaks; its id is a version 7 UUID (Data 4.4)",
    **dict.fromkeys(
        [
            "adlnet-xapi-spec-x002",
            "adlnet-xapi-spec-x003",
            "adlnet-xapi-spec-x005",
            "aicc-cmi-5-spec-current-x001",
            "aicc-cmi-5-spec-current-x002",
            "aicc-cmi-5-spec-current-x003",
            "hiroshiyoshino-japan-xapi-profile-x001",
            "hiroshiyoshino-japan-xapi-profile-x003",
            "hiroshiyoshino-japan-xapi-profile-x004",
            "wind1018-ubion-xapi-x025",
            "wind1018-ubion-xapi-x026",
        ],
        UUID,
    ),
}

INTRODUCTION = """\
# Where our validation and others' disagree

<!-- Written by tests/corpus/test_validation.py; a test fails when it no longer says what the contract does. -->

The corpus of real public statements holds {valid} that its validator (@learninglocker/xapi-validation, adjudicated by
hand) calls valid and {invalid} that it calls invalid. Below is every statement on which we say otherwise, for each
version of xAPI, and what the specification says. Names are the corpus's own; no statement is copied here.

| statement | version | ours | theirs | the specification |
|---|---|---|---|---|
"""

DECISIONS = """\
Where the specification leaves room, this is what we do, and why.

- **A timestamp without an offset is refused**, in 1.0.3 too, where the offset is "SHOULD*". It names no instant, and to
  take it for UTC would move learning to another hour or day without telling anybody. The corpus's validator agrees.
- **In 1.0.3 an offset may be ±hh or ±hhmm and seconds may be absent** (ISO 8601); in 2.0 a timestamp is RFC 3339.
- **score.min may equal score.max.** The table of Data 2.4.5.1 says "less than", the official suite tests only "greater
  than", and real senders write 0, 0, 0 for what cannot be scored.
- **A UUID is 8-4-4-4-12 hexadecimal digits in any case**, of any variant and version, the nil UUID included.
- **An IRI is checked for a scheme and for characters that RFC 3987 never allows**, and no further ("best effort").
- **An anonymous group needs at least one member.**
- **Extensions may nest {deepest} levels deep**: more could not be written again.
- **A property that occurs twice in one object counts with its last value**: Data 2.2 leaves it undefined.
- **A number is an IEEE 754 double**, integers up to 64 bits exact (asked for are 32 bits, XAPI-00002); one
  beyond a double, such as 1e400, is refused.
- **A statement that voids itself, or another voiding statement, voids nothing** and is kept.
- **A byte order mark, and any encoding but UTF-8, is refused**; a charset in the Content-Type means nothing (RFC 8259).
- **The Groups of one request have at most 10,000 members in all** (`LEERMIX_GROUP_MEMBERS`): each is a person
  whose learning must be computed. More is 413, as for any statement that is too large (IEEE 9274.1.1 4.1.5, 4.2.4.1).
- **If-Match and If-None-Match mean nothing on statements**: they are never overwritten (Communication 3.1 is about
  documents).

## Why we refuse

The first problem of each of the {refused} statements that both refuse, by 1.0.3.

| reason | statements |
|---|---:|
"""


def refusal(statement, version):
    try:
        validate(statement, version)
    except Rejected as rejected:
        return rejected
    return None


def theirs(row):
    """Their reasons without what they quote of the statement."""
    found = re.findall(r"(?:^|; )([A-Z]\w+) at ([\w.()]+):", row.get("invalid_reason", ""))
    return "; ".join(f"{kind} at {path}" for kind, path in found) or "valid"


def disagreements(corpus):
    """Yield (row, version, our refusal or None) wherever ours and theirs differ."""
    for row in corpus("statements") + corpus("invalid"):
        for version in ("1.0.3", "2.0.0"):
            ours = refusal(row["statement"], version)
            if (ours is None) != ("invalid_reason" not in row):
                yield row, version, ours


def table(corpus):
    found = {}
    for row, version, ours in disagreements(corpus):
        name = row["id_in_corpus"]
        verdict = f"{ours.reason} at {ours.path}" if ours else "valid"
        found.setdefault((name, verdict, theirs(row), SPECIFICATION[name]), []).append(version)
    return [f"| {n} | {' and '.join(v)} | {o} | {t} | {s} |" for (n, o, t, s), v in sorted(found.items())]


def page(corpus):
    invalid = [refusal(row["statement"], "1.0.3") for row in corpus("invalid")]
    reasons = Counter(str(each.reason) for each in invalid if each)
    lines = table(corpus)
    introduction = INTRODUCTION.format(valid=len(corpus("statements")), invalid=len(invalid))
    decisions = DECISIONS.format(refused=reasons.total(), deepest=DEEPEST)
    counts = [f"| {reason} | {count} |" for reason, count in sorted(reasons.items(), key=lambda r: (-r[1], r[0]))]
    return introduction + "\n".join(lines) + "\n\n" + decisions + "\n".join(counts) + "\n"


def test_of_the_valid_statements_only_the_attachment_without_bytes_is_refused(corpus):
    refused = {row["id_in_corpus"]: refusal(row["statement"], "1.0.3") for row in corpus("statements")}
    refused = {name: (each.reason, each.path) for name, each in refused.items() if each}
    assert refused == {"adlnet-xapi-spec-001": ("invalid_attachment", "$.attachments[0]")}


def test_with_its_bytes_the_attachment_is_accepted(corpus):
    (statement,) = [r["statement"] for r in corpus("statements") if r["id_in_corpus"] == "adlnet-xapi-spec-001"]
    sums = frozenset(attachment["sha2"].lower() for attachment in statement["attachments"])
    for version in ("1.0.3", "2.0.0"):
        validate(statement, version, sent=sums)


def test_the_legacy_forms_that_an_lrs_must_accept_are_accepted(corpus):
    legacy = [row["statement"] for row in corpus("statements") if row["legacy_form"]]
    assert len(legacy) >= 4
    for statement in legacy:
        validate(statement, "1.0.3")
        validate(statement, "2.0.0")


def test_each_disagreement_has_a_verdict_and_each_verdict_a_disagreement(corpus):
    assert {row["id_in_corpus"] for row, _, _ in disagreements(corpus)} == SPECIFICATION.keys()


def test_no_refusal_repeats_what_was_sent(corpus):
    for row in corpus("invalid"):
        found = refusal(row["statement"], "1.0.3")
        for secret in ("example", "twitter", "account-", "Person ", "@"):
            assert found is None or secret not in found.detail


def test_the_page_says_what_the_contract_does(corpus):
    now = page(corpus)
    if os.environ.get("LEERMIX_WRITE_PAGES"):
        PAGE.write_text(now, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == now, "run LEERMIX_WRITE_PAGES=1 pytest tests/corpus/test_validation.py"
