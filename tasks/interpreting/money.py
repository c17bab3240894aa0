"""Amounts in sentences (正文中的金额): which total, part or comparison each amount is, from the words in front of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from models.document import Paragraph, Source
from models.facts import FunctionLine, MoneyFact, ReportKind
from tasks.interpreting.found import Found
from tasks.interpreting.identity import printed_years
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.passages import Section
from tasks.interpreting.quantities import in_ten_thousands
from tasks.interpreting.segments import Segment
from tasks.interpreting.text import BRACKETED, ENUMERATOR, clauses, folded, traced

AMOUNT = re.compile(r"(?<![\d.])(\d[\d,]*(?:\.\d+)?)(亿元|万元|千元|元)(?!/)")
YEAR = re.compile(r"(20\d\d)年度?[末底]?")
IN_FUNDS = Decimal("0.90")
ELSEWHERE = Decimal("0.60")


@dataclass
class _State:
    """What the sentence has spoken of so far."""

    fiscal_year: str | None
    in_funds: bool
    spoken: str | None = None
    head: str | None = None
    year: str | None = None
    function: FunctionLine | None = None
    functions: list[FunctionLine] = field(default_factory=list)


@dataclass(frozen=True)
class _Rules:
    heads: list[tuple[str, re.Pattern[str], re.Pattern[str] | None]]
    parts: list[tuple[str, re.Pattern[str], tuple[str | None, ...] | None]]
    differences: re.Pattern[str]
    comparisons: re.Pattern[str]
    items: re.Pattern[str]
    leads: re.Pattern[str]
    fillers: re.Pattern[str]
    both: re.Pattern[str]
    previous: re.Pattern[str]
    none: list[tuple[str, re.Pattern[str]]]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    raw = lexicon().money

    def ending(words: list[str]) -> re.Pattern[str]:
        return re.compile("(?:" + "|".join(words) + ")$")

    def whole(words: list[str]) -> re.Pattern[str] | None:
        return re.compile("(?:" + "|".join(words) + ")") if words else None

    return _Rules(
        heads=[(key, ending(one["ends"]), whole(one["whole"])) for key, one in raw["heads"].items()],
        parts=[
            (one["key"], ending(one["words"]), tuple(one["heads"]) if "heads" in one else None) for one in raw["rules"]
        ],
        differences=re.compile("|".join(raw["differences"])),
        comparisons=re.compile(raw["comparisons"]),
        items=re.compile("|".join(raw["items"])),
        leads=re.compile(raw["leads"]),
        fillers=re.compile("(?:" + "|".join(map(re.escape, raw["fillers"])) + ")+$"),
        both=re.compile(raw["both_totals"]),
        previous=re.compile("(?:" + "|".join(raw["previous_year"]) + ")"),
        none=[(one["key"], re.compile("|".join(one["words"]))) for one in raw["none"]],
    )


def read_money(part: Segment, chapters: list[Section], year: str | None, found: Found) -> None:
    """All amounts of a department's report or its final accounts, with key, year and place (金额事实)."""
    if part.kind is ReportKind.PROJECT:
        return
    for chapter in chapters:
        for paragraph in chapter.paragraphs:
            state = _State(year, chapter.name == "funds", spoken=_spoken_of(chapter.heading))
            for sentence in clauses(paragraph.full_text):
                if not sentence.startswith("其中"):
                    state.head = state.spoken
                found.money.extend(_amounts(sentence, state, paragraph, part.id))
            found.functions.extend(state.functions)


def _spoken_of(heading: str) -> str | None:
    """The total a section is about by its heading: 收入情况 or 支出情况, None where it says both."""
    about = [key for key, word in (("revenue_total", "收入"), ("expenditure_total", "支出")) if word in heading]
    return about[0] if len(about) == 1 else None


def _amounts(sentence: str, state: _State, paragraph: Paragraph, report: str) -> Iterator[MoneyFact]:
    plain, positions = traced(sentence)
    plain = printed_years(plain)
    place = paragraph.place

    def quoted(start: int, stop: int) -> Source:
        printed = sentence[positions[max(0, start)] : positions[stop - 1] + 1]
        return place.model_copy(update={"quote": folded(printed).lstrip("，,；;。 ")})

    rules = _rules()
    end = 0
    for match in AMOUNT.finditer(plain):
        lead, end = plain[end : match.start()], match.end()
        value = in_ten_thousands(match[1], match[2])
        if value is None or rules.items.search(lead):
            continue
        named = _name(lead, state)
        source = quoted(max(match.start() - len(lead), match.start() - 30), end)
        if named is None:
            _function(lead, value, state, source)
            continue
        key, year = named
        sure = IN_FUNDS if state.in_funds else ELSEWHERE
        keys = ("revenue_total", key) if rules.both.search(rules.fillers.sub("", lead)) else (key,)
        for one in keys:
            yield MoneyFact(key=one, value=value, year=year, report=report, source=source, confidence=sure)
    for key, pattern in rules.none:
        hit = pattern.search(plain)
        if hit and state.in_funds:
            source = quoted(hit.start() - 20, hit.end())
            yield MoneyFact(
                key=key, value=Decimal(0), year=state.fiscal_year, report=report, source=source, confidence=IN_FUNDS
            )


def _name(lead: str, state: _State) -> tuple[str, str | None] | None:
    """Key and year of the amount behind ``lead``; None where it is a difference or nothing we know."""
    rules = _rules()
    label = _label(lead)
    if rules.differences.search(label):
        return None
    compared = bool(rules.comparisons.match(label))
    core = rules.comparisons.sub("", label)
    printed = YEAR.findall(core)
    bare = rules.leads.sub("", rules.previous.sub("", YEAR.split(core)[-1], count=1))
    last_year = _year_before(state.fiscal_year) if not printed and rules.previous.match(core) else None
    if compared and not bare:
        year = printed[-1] if printed else last_year
        return (state.head, year) if state.head and year else None
    key = _key(bare, core, state, bool(printed))
    if key is None:
        state.year = printed[-1] if printed else state.year
        return None
    is_head = key in lexicon().money["heads"]
    # 上年收入总额 is last year's; 上年结转收入 is this year's income.
    told = printed[-1] if printed else last_year if is_head or compared else None
    if is_head:
        state.year = told if printed or compared else state.year
        state.head = state.head if compared else key
    return key, told or (None if compared else state.year) or state.fiscal_year


def _label(lead: str) -> str:
    """The name in front of an amount: the last part of the words before it, without fillers and list number."""
    rules = _rules()
    label = re.split(r"[,;:。]", lead.rstrip(":"))[-1]
    if not rules.fillers.sub("", label) and ":" in lead:
        label = re.split(r"[,;。]", lead)[-1]
    return rules.fillers.sub("", ENUMERATOR.sub("", rules.leads.sub("", _inside_bracket(label))))


def _year_before(year: str | None) -> str | None:
    return str(int(year) - 1) if year else None


def _inside_bracket(label: str) -> str:
    """``基本支出(包括人员经费`` speaks of what stands inside the open bracket."""
    depth = label.count("(") - label.count(")")
    return label.rsplit("(", 1)[1] if depth > 0 else label


def _key(bare: str, core: str, state: _State, with_year: bool) -> str | None:
    """The rule whose words cover most of the end of the label."""
    rules = _rules()
    best: tuple[int, str] | None = None
    for key, ends, whole in rules.heads:
        found = ends.search(core)
        length = len(found[0]) if found else 0
        if not length and whole is not None and (state.in_funds or with_year) and whole.fullmatch(bare):
            length = len(bare)
        if length and (best is None or length > best[0]):
            best = (length, key)
    for key, ends, heads in rules.parts:
        found = ends.search(BRACKETED.sub("", core)) or ends.search(core)
        if found is None or (heads is not None and state.head not in heads):
            continue
        if best is None or len(found[0]) > best[0]:
            best = (len(found[0]), key)
    return best[1] if best and not _is_function(bare) else None


def _is_function(bare: str) -> bool:
    return BRACKETED.sub("", bare) in lexicon().money["functions"]


def _function(lead: str, value: Decimal, state: _State, source: Source) -> None:
    """A class of expenditure, or the budget it is compared with (功能分类支出)."""
    rules = _rules()
    label = rules.fillers.sub("", rules.leads.sub("", re.split(r"[,;:。]", lead)[-1]))
    name = BRACKETED.sub("", rules.leads.sub("", YEAR.split(label)[-1]))
    this_year = state.year is None or state.year == state.fiscal_year
    if name in lexicon().money["functions"] and this_year:
        state.functions.append(FunctionLine(name=name, actual=value, source=source, places={"actual": source}))
    elif (
        re.fullmatch(r"(?:相比|较|比|与)?(?:年初)?预算数?", label)
        and state.functions
        and state.functions[-1].budget is None
    ):
        last = state.functions[-1]
        places = {**last.places, "budget": source}
        state.functions[-1] = last.model_copy(update={"budget": value, "places": places})
