"""Problems and measures in the department's own words (存在问题、改进措施), found by their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from models.document import Paragraph, Source
from models.facts import Passage
from tasks.interpreting.found import Found
from tasks.interpreting.lexicon import Labels, lexicon
from tasks.interpreting.names import is_agency
from tasks.interpreting.quantities import is_not_applicable
from tasks.interpreting.segments import DATE_LINE
from tasks.interpreting.text import ENUMERATOR, clauses, folded, likeness, squeezed, without_enumerator

MOST_HEADING = 36
# A heading's rank by its number: 第X部分, 一、, （一）, 1., （1）; deeper is larger.
RANKS = (
    re.compile(r"^第[一二三四五六七八九十]+部分|^附\s*[件表]"),
    re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]"),
    re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"^\d{1,2}[、.．](?!\d)"),
    re.compile(r"^[（(]\d{1,2}[)）]|^[①-⑳]"),
)
UNNUMBERED = 9
IN_PASSING = Decimal("0.60")
PASSAGES = ("problems", "measures", "both")


@dataclass
class Section:
    """A heading and the paragraphs up to the next heading of its rank (章节)."""

    name: str | None
    rank: int
    place: Source
    heading: str
    texts: list[str] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)

    def add(self, paragraph: Paragraph, text: str | None = None) -> None:
        """Take in a paragraph with its text; of a heading only what follows it on the same line."""
        words = folded(paragraph.full_text) if text is None else text
        if words and not self.texts:
            self.place = paragraph.place  # where its text begins
        self.texts.extend([words] if words else [])
        self.paragraphs.append(paragraph)


@lru_cache(maxsize=1)
def _headings() -> Labels:
    return Labels(lexicon().prose["headings"])


def rank_of(text: str) -> int:
    """How deep a heading stands, by its number (标题级别); ``UNNUMBERED`` where it has none."""
    plain = squeezed(text)
    return next((rank for rank, pattern in enumerate(RANKS) if pattern.match(plain)), UNNUMBERED)


def heading_of(paragraph: Paragraph) -> tuple[str, str] | None:
    """The heading a paragraph begins with and the text that follows on the same line (标题与正文), or None.

    A numbered or marked line is a heading up to its first 。 or ：; a bare line is one only if the word list knows it.
    """
    text = folded(paragraph.full_text)
    numbered = bool(ENUMERATOR.match(text)) or paragraph.heading_level is not None or rank_of(text) < UNNUMBERED
    found = re.match(r"^([^。：:；;]{2,36}?)(?:[。：:](.*))?$", without_enumerator(text))
    if found is None:
        return None
    title, rest = found[1].strip(), (found[2] or "").strip()
    known = _headings().name(title) is not None
    if not known and (not numbered or (rest and len(title) > 20)):
        return None
    return title, rest


def sections(paragraphs: Iterable[Paragraph]) -> list[Section]:
    """The paragraphs of a report by heading (按标题分章节). Text before the first heading stands under an empty one."""
    result: list[Section] = [Section(None, UNNUMBERED, Source(), "")]
    funds_rank: int | None = None
    annex = re.compile(lexicon().identity["titles"]["annex"])
    for paragraph in paragraphs:
        if annex.match(squeezed(paragraph.full_text)):
            # 附表：… is a list of what is enclosed, whatever section it stands in.
            result.append(Section(None, 0, paragraph.place, "", paragraphs=[paragraph]))
            continue
        heading = heading_of(paragraph)
        if heading is None:
            result[-1].add(paragraph)
            continue
        title, rest = heading
        rank = rank_of(paragraph.full_text)
        name = _headings().name(title)
        if _continues(result[-1], name, rank, bool(rest)):
            result[-1].add(paragraph)
            continue
        if funds_rank is not None and rank <= funds_rank:
            funds_rank = None
        if name == "funds" and funds_rank is None:
            funds_rank = rank
        if name is None and funds_rank is not None:
            name = "funds"  # 1、收入：… below 收支情况 speaks of the funds as well
        result.append(Section(name, rank, paragraph.place, title))
        result[-1].add(paragraph, rest)
    return result


def _continues(section: Section, name: str | None, rank: int, has_text: bool) -> bool:
    """Whether a heading belongs to the open section on problems or measures instead of ending it.

    It does as an item: deeper than the section's heading, or of a lost number's rank. 建议： and 改进措施： inside one
    section are one passage. Under a heading on both, a bare sub-heading begins a section of its own.
    """
    if section.name not in PASSAGES:
        return False
    if name in PASSAGES:
        return name == section.name != "both" and not has_text
    if section.name == "both" and not has_text:
        return False
    return rank >= 3 if section.rank == UNNUMBERED else rank > section.rank


def _without_signature(texts: list[str]) -> list[str]:
    """A text without the name and the date that sign the report below it (去落款)."""
    kept = list(texts)
    while kept and (DATE_LINE.fullmatch(squeezed(kept[-1])) or (len(kept) > 1 and is_agency(squeezed(kept[-1])))):
        kept.pop()
    return kept


def read_passages(parts: list[Section], project: str | None, report: str, found: Found) -> None:
    """Problems and measures of a report's sections (存在问题、改进措施); one passage a section, as it stands."""
    for section in parts:
        text = " ".join(_without_signature(section.texts)).strip()
        if section.name not in PASSAGES or not text or is_not_applicable(text):
            continue
        source = section.place.model_copy(update={"quote": text[:80]})
        problem = text if section.name == "problems" else ""
        measure = text if section.name == "measures" else ""
        if section.name == "both":
            if any(one.name in ("problems", "measures") and one.texts for one in parts):
                found.ask("problems", f"“{section.heading}”一节没有分列问题和措施，未单独读取，请查看。", source)
                continue
            problem, measure = split_problems_and_measures(text)
        for words, rows in ((problem, found.problems), (without_requests(measure), found.measures)):
            if words:
                rows.append(Passage(project=project, report=report, text=words, source=source))


def read_passages_in_passing(parts: list[Section], project: str | None, report: str, found: Found) -> None:
    """``“某项目”… 发现的主要问题：…。下一步改进措施：…。`` outside the sections of that name (文中带过的问题与措施)."""
    rules, named = lexicon().prose["inline"], re.compile("|".join(lexicon().prose["score"]["project"]))
    for paragraph in (one for section in parts if section.name not in PASSAGES for one in section.paragraphs):
        text = folded(paragraph.full_text)
        owner = named.search(text)
        name = next((one for one in owner.groups() if one), None) if owner else project
        for rule, rows in (("problems", found.problems), ("measures", found.measures)):
            match = re.search(rules[rule], text)
            words = match["text"].strip() if match else ""
            if words and not is_not_applicable(words):
                source = paragraph.place.model_copy(update={"quote": match[0][:80] if match else None})
                rows.append(Passage(project=name, report=report, text=words, source=source, confidence=IN_PASSING))


def split_problems_and_measures(text: str) -> tuple[str, str]:
    """A text on problems and measures, cut where it turns to what will be done (问题与措施分开)."""
    cue = re.compile("|".join(lexicon().prose["measure_cues"]))
    found = cue.search(text)
    if found is None:
        return folded(text), ""
    start = max((text.rfind(mark, 0, found.start()) for mark in "。；\n"), default=-1) + 1
    if start == 0:
        start = found.start()
    return folded(text[:start]).rstrip("，,"), folded(text[start:])


def without_requests(text: str) -> str:
    """Measures without what is asked of the finance bureau at their end (去掉对财政部门的建议)."""
    for cue in lexicon().prose["request_cues"]:
        found = re.search(cue, text)
        if found and found.start() > 0 and text[: found.start()].rstrip().endswith(("。", "；")):
            return text[: found.start()].rstrip()
    return text


def split_enumerated(text: str) -> list[str]:
    """The single points of a passage (逐条拆分): 一是…二是…, 1、…2、…; a text without numbers is one point."""
    marks = re.compile(
        r"(?:(?<=^)|(?<=[。；;，,：:\s]))(?:[一二三四五六七八九十]{1,2}是|[（(][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[、.．](?!\d)|[①-⑳])"
    )
    starts = [found.start() for found in marks.finditer(text)]
    if len(starts) < 2:
        return [text.strip()] if text.strip() else []
    cuts = [*starts, len(text)]
    return [text[left:right].strip(" ；;，,\n") for left, right in pairwise(cuts)]


def distinct(passages: list[Passage]) -> list[Passage]:
    """Passages without those that say the same again in the same file (去重): a table often repeats the prose."""
    kept: list[Passage] = []
    for passage in passages:
        twin = next((one for one in kept if one.project == passage.project and _same(one.text, passage.text)), None)
        if twin is None:
            kept.append(passage)
    return kept


def _same(left: str, right: str) -> bool:
    a, b = squeezed("".join(clauses(left))), squeezed("".join(clauses(right)))
    return a in b or b in a or likeness(a, b) >= 0.9
