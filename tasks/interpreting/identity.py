"""Which department and which fiscal year a report is about (部门与年度): candidates from many places, then a vote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.document import Document, Source
from tasks.interpreting.found import Claim
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.names import cell_name, department_name, is_agency
from tasks.interpreting.segments import Segment
from tasks.interpreting.text import ENUMERATOR, clauses, folded, half_width, squeezed, without_enumerator

CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
YEAR = r"(?<!\d)(20\d\d)(?!\d)"
LONGEST_LINE = 80
WEIGHTS = {"strong": 4, "middle": 3, "weak": 1}


@dataclass(frozen=True)
class Vote:
    """The outcome of a vote (表决结果): the winner, its place, and those that came close."""

    value: str | None
    source: Source | None = None
    rivals: tuple[str, ...] = ()


def department_of(document: Document, parts: Iterable[Segment], claims: Iterable[Claim]) -> Vote:
    """The department of a file (部门名称): cells and titles weigh most, then the sentence that introduces it, then use."""
    points: Counter[str] = Counter()
    places: dict[str, Source] = {}

    def nominate(name: str | None, weight: int, place: Source) -> None:
        if name and not any(name.startswith(word) for word in lexicon().identity["not_names"]):
            points[name] += weight
            places.setdefault(name, place)

    for part in parts:
        weight = 8 if part.kind.value != "project" else 4
        for title in {part.title, *_title_lines(part)}:
            nominate(department_name(title), weight, part.source)
    for claim in claims:
        if claim.field in ("department", "operator_unit", "supervisor"):
            weight = {"department": 6, "supervisor": 5, "operator_unit": 3}[claim.field]
            nominate(department_name(claim.text) or cell_name(claim.text), weight, claim.source)
    for part in parts:
        lines = list(part.paragraphs())
        for line in [*lines[:6], *lines[-3:]]:
            # The name on a line of its own: below the title, or as the signature. An addressee ends with a colon.
            if is_agency(squeezed(line.full_text)) and not ENUMERATOR.match(line.full_text):
                nominate(squeezed(line.full_text), 3, line.place)
    _introduced(document, nominate)
    if not points:
        return Vote(None)
    everything = squeezed("".join(one.text for one in document.paragraphs()))
    for name in points:
        points[name] += min(6, everything.count(squeezed(name)))
    ranked = points.most_common()
    best, most = ranked[0]
    rivals = tuple(name for name, value in ranked[1:] if value >= 0.8 * most and name not in best and best not in name)
    return Vote(best, places[best], rivals)


def printed_pairs(part: Segment) -> list[Claim]:
    """Lines of a cover such as ``部门（单位）名称：某县某局`` and ``评价年度：2024年`` (封面填写项)."""
    claims = []
    for paragraph in part.paragraphs():
        if len(paragraph.text) > LONGEST_LINE:
            continue
        for label, value in re.findall(
            r"([\u4e00-\u9fff()/]{2,14}):\s*([^:\s]{2,40})", half_width(paragraph.full_text)
        ):
            name = lexicon().pairs.name(label)
            if name in ("department", "supervisor", "operator_unit", "fiscal_year"):
                claims.append(Claim(name, folded(value), paragraph.place, part.id))
    return claims


def _title_lines(part: Segment) -> list[str]:
    """A title line that holds nothing but the name (the report's own title stands below it)."""
    return [line for line in part.heading if line and is_agency(folded(line))]


def _introduced(document: Document, nominate: Callable[[str | None, int, Source], None]) -> None:
    patterns = [re.compile(one) for one in lexicon().identity["introductions"]]
    for paragraph in document.paragraphs():
        for sentence in clauses(paragraph.full_text)[:3]:
            head = re.sub(
                r"^20\d\d年度?[末底]?[，,]?|^截[至止]20\d\d年[末底]?[，,]?",
                "",
                without_enumerator(half_width(sentence)),
            )
            head = re.sub(r"^[^，。:]{0,12}[。:]", "", head)
            for pattern in patterns:
                found = pattern.match(head)
                if found and is_agency(found["name"]) and len(found["name"]) >= 5:
                    nominate(found["name"], 5, paragraph.place)


def year_of(texts: Iterable[tuple[str, Source]], titles: Iterable[tuple[str, Source]]) -> Vote:
    """The fiscal year (评价年度): a year in the title, else the most telling one in the text; never simply the largest."""
    points: Counter[str] = Counter()
    places: dict[str, Source] = {}
    for title, place in titles:
        for year in _years(title):
            points[year] += 10
            places.setdefault(year, place)
    if not points:
        tally: defaultdict[str, int] = defaultdict(int)
        for text, place in texts:
            for year, weight in _weighed_years(text):
                tally[year] += weight
                places.setdefault(year, place)
        points.update(tally)
    if not points:
        return Vote(None)
    ranked = points.most_common()
    best, most = ranked[0]
    rivals = tuple(year for year, value in ranked[1:] if value >= 0.8 * most)
    return Vote(best, places[best], rivals)


def printed_years(text: str) -> str:
    """二〇二四年 as 2024年 (中文年份), everything half-width."""
    return re.sub(
        r"[二2][〇○零0][一二三四五六七八九〇○零\d]{2}(?=年)",
        lambda found: found[0].translate(CHINESE_DIGITS),  # same length, so that positions stay
        half_width(text),
    )


def _years(title: str) -> list[str]:
    return re.findall(YEAR + r"(?=\s*年|\s*\))", printed_years(title))


def _weighed_years(text: str) -> list[tuple[str, int]]:
    plain = printed_years(text)
    rules = lexicon().identity["years"]
    for pattern in rules["never"]:
        plain = re.sub(pattern.replace("{y}", r"20\d\d"), " ", plain)
    found: list[tuple[str, int]] = []
    for name, weight in WEIGHTS.items():
        for pattern in rules[name]:
            compiled = re.compile(pattern.replace("{y}", YEAR))
            found.extend((match, weight) for match in compiled.findall(plain))
            if name != "weak":
                plain = compiled.sub(" ", plain)
    return found
