"""The score and the grade a report claims (自评得分、等级): value, blank or absent, scoped by what the sentence is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from models.document import Paragraph, Source
from models.facts import ReportKind
from tasks.interpreting.found import Claim
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import decimal_of
from tasks.interpreting.text import clauses, folded, half_width, items, without_enumerator

NUMBER = r"(?P<n>\d{1,3}(?:\.\d+)?)"


@dataclass(frozen=True)
class ScoreMention:
    """One sentence that states a score (得分表述); ``value`` is None where its number is blank."""

    value: Decimal | None
    rank: int
    source: Source
    project: str | None = None


@dataclass(frozen=True)
class ClaimedScore:
    """What a report claims in the end (自评得分结果)."""

    value: Decimal | None = None
    blank: bool = False
    source: Source | None = None
    confidence: Decimal | None = None
    others: tuple[Decimal, ...] = ()


@lru_cache(maxsize=1)
def _patterns() -> tuple[list[re.Pattern[str]], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    rules = lexicon().prose["score"]
    scores = [re.compile(one.replace("{n}", NUMBER)) for one in rules["patterns"]]
    not_total, project, overall = (re.compile("|".join(rules[name])) for name in ("not_total", "project", "overall"))
    return scores, not_total, project, overall


def mentions(paragraphs: Iterable[Paragraph], in_conclusion: Iterable[bool]) -> Iterator[ScoreMention]:
    """Every statement of a total score in prose (正文中的总分), with its rank: 整体 and a conclusion section rank higher."""
    for paragraph, concluding in zip(paragraphs, in_conclusion, strict=True):
        subject = ""
        for sentence in clauses(half_width(paragraph.full_text)):
            for part in items(sentence):
                yield from _in_part(part, subject, concluding, paragraph.place)
                subject = part


def _in_part(part: str, subject: str, concluding: bool, place: Source) -> Iterator[ScoreMention]:
    """The statements in one part of a sentence; ``subject`` is the part before it, which may name the project."""
    patterns, not_total, project, overall = _patterns()
    taken: set[int] = set()
    for found in (match for pattern in patterns for match in pattern.finditer(part)):
        lead = part[: found.start()]
        near = lead[-30:] + found[0] + part[found.end() : found.end() + 6]
        if found.end() in taken or not_total.search(near):
            continue
        taken.add(found.end())
        named = project.search(lead) or (None if overall.search(lead) else project.search(subject))
        rank = 2 * bool(overall.search(lead)) + concluding + ("自评" in lead + found[0])
        yield ScoreMention(
            Decimal(found["n"]) if found["n"] else None,
            rank,
            place.model_copy(update={"quote": folded(part)}),
            next((one for one in named.groups() if one), None) if named else None,
        )


def claimed_score(found: list[ScoreMention], claims: Iterable[Claim], kind: ReportKind) -> ClaimedScore:
    """Decide which score the report claims (确定自评得分). A number outweighs a blank, a form's cell outweighs prose."""
    cells = [(decimal_of(claim.text), claim) for claim in claims if claim.field == "self_score"]
    prose = [one for one in found if one.project is None or kind is ReportKind.PROJECT]
    ranked = sorted((one for one in prose if one.value is not None), key=lambda one: -one.rank)
    values = list(dict.fromkeys(one.value for one in ranked if one.value is not None))
    if ranked:
        top = [one for one in ranked if one.rank == ranked[0].rank]
        best = top[-1] if len({one.value for one in top}) > 1 else top[0]
        others = tuple(value for value in values if value != best.value)
        cell_values = [value for value, _ in cells if value is not None]
        others += tuple(value for value in cell_values if value != best.value and value not in others)
        sure = Decimal("0.90") if not others else Decimal("0.70")
        return ClaimedScore(best.value, False, best.source, None if not others and best.rank >= 2 else sure, others)
    for value, claim in cells:
        if value is not None:
            return ClaimedScore(value, False, claim.source)
    blank = next((one for one in prose if one.value is None), None)
    return ClaimedScore(None, True, blank.source) if blank is not None else ClaimedScore()


def stated_grade(paragraphs: Iterable[Paragraph], claims: Iterable[Claim]) -> tuple[str, Source] | None:
    """The grade a report states about itself (自评等级), never one derived from its score."""
    for claim in claims:
        if claim.field == "grade":
            return claim.text, claim.source
    patterns = [re.compile(one) for one in lexicon().prose["grade"]]
    for paragraph in paragraphs:
        for sentence in clauses(paragraph.full_text):
            plain = without_enumerator(half_width(sentence))
            for pattern in patterns:
                match = pattern.search(plain)
                if match and re.search(r"评|得分|结论|结果", plain):
                    return match[1], paragraph.place.model_copy(update={"quote": folded(sentence)})
    return None
