"""Projects told in prose (文字叙述的项目): numbered blocks of ``名称：值`` lines, and sentences of the final accounts."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from models.document import Paragraph, Source
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.passages import rank_of
from tasks.interpreting.prose_indicators import Told, bracketed_targets, indicator_type, paired
from tasks.interpreting.quantities import decimal_of, in_ten_thousands
from tasks.interpreting.segments import Segment
from tasks.interpreting.text import folded, half_width, items, squeezed, without_enumerator

Amounts = dict[str, tuple[Decimal, Source]]
MONEY = re.compile(r"(\d[\d,]*(?:\.\d+)?)(亿元|万元|千元|元)")


def project_of_title(part: Segment) -> ProjectDraft | None:
    """The project that a report's title names (标题中的项目), or None."""
    title = squeezed(part.title)
    title = re.sub(r"\(?20\d\d年度?\)?", "", title)
    for pattern in lexicon().prose["projects"]["title"]:
        found = re.search(pattern, title)
        name = found[1].strip('“”"') if found else ""
        name = re.sub(r"(?<=.{3})项目$", "", name) if name else ""
        if len(name) >= 3 and name not in ("项目支出", "部门整体", "整体支出"):
            return ProjectDraft(name=name, source=part.source, report=part.id, origin="report")
    return None


def read_project_blocks(paragraphs: list[Paragraph], report: str, found: Found) -> list[Paragraph]:
    """Read the project blocks among a report's paragraphs; returns the paragraphs that belong to none (项目文字块)."""
    outside: list[Paragraph] = []
    block: list[Paragraph] = []
    draft: ProjectDraft | None = None
    for paragraph in paragraphs:
        name = _start(paragraph)
        if name:
            _finish(draft, block, report, found)
            draft = ProjectDraft(name=name, source=_at(paragraph, name), report=report, origin="block")
            block = []
            continue
        if draft is not None and rank_of(paragraph.full_text) <= 2:
            _finish(draft, block, report, found)
            draft, block = None, []
        (outside if draft is None else block).append(paragraph)
    _finish(draft, block, report, found)
    for paragraph in outside:
        _sentences(paragraph, report, found)
        found.indicators.extend(bracketed_targets(paragraph, report))
    return outside


def _start(paragraph: Paragraph) -> str | None:
    match = re.match(lexicon().prose["projects"]["start"], folded(paragraph.full_text))
    name = next((one for one in match.groups() if one), None) if match else None
    return (
        name.strip('“”" ')
        if name and not re.search(r"[：:]", name) and len(name) <= 60 and name.count("“") != 1
        else name
    )


def _at(paragraph: Paragraph, quote: str) -> Source:
    return paragraph.place.model_copy(update={"quote": folded(quote)})


def _finish(draft: ProjectDraft | None, block: list[Paragraph], report: str, found: Found) -> None:
    """Read the lines of one block. A block without a single known line is no project."""
    if draft is None:
        return
    goals: list[Told] = []
    results: list[Told] = []
    amounts: Amounts = {}
    for paragraph in block:
        for line in paragraph.full_text.splitlines():
            label, _, value = half_width_colon(line).partition(":")
            key = squeezed(without_enumerator(label))
            if not value.strip():
                continue
            if _read_field(draft, key, value, paragraph, amounts):
                continue
            kind = indicator_type(key)
            if kind is not None:
                name, is_result = kind
                (results if is_result else goals).extend(Told(name, one, paragraph) for one in items(_closed(value)))
    put_amounts(draft, amounts)
    found.projects.append(draft)
    found.indicators.extend(paired(draft.name, report, goals, results))


def half_width_colon(line: str) -> str:
    """A line whose first colon is ASCII (冒号归一); the rest stays as printed."""
    return re.sub(r"[：﹕]", ":", line, count=1)


def _closed(value: str) -> str:
    return value.strip().rstrip("。.；; ")


def _read_field(draft: ProjectDraft, key: str, value: str, paragraph: Paragraph, amounts: Amounts) -> bool:
    """One ``名称：值`` line. Amounts are collected first: which budget 全年预算数 is depends on what stands beside it."""
    for name, words in lexicon().prose["projects"]["fields"].items():
        if key not in words:
            continue
        text = squeezed(_closed(value))
        place = _at(paragraph, f"{key}：{value.strip()}")
        number = MONEY.match(text)
        plain = in_ten_thousands(number[1], number[2]) if number else decimal_of(text)
        if name in ("annual", "initial", "adjusted", "executed"):
            if plain is not None:
                amounts.setdefault(name, (plain, place))
        else:
            draft.put({"rate": "execution_rate"}.get(name, name), decimal_of(text), place)
        return True
    return False


def put_amounts(draft: ProjectDraft, amounts: Amounts) -> None:
    """年初、全年、调整、执行 to the fields of a project; 全年预算数 is the budget only where no other stands."""
    alone = "initial" not in amounts
    order = {
        "initial": "budget",
        "adjusted": "adjusted",
        "annual": "budget" if alone else "adjusted",
        "executed": "executed",
    }
    for name, field in order.items():
        if name in amounts:
            draft.put(field, *amounts[name])


def read_project_report(paragraphs: list[Paragraph], draft: ProjectDraft) -> None:
    """Amounts that a project's own report states in its sentences (项目报告中的预算与执行), where no table gave them."""
    fields = lexicon().prose["projects"]["fields"]
    amounts: Amounts = {}
    for paragraph in paragraphs:
        text = squeezed(half_width(paragraph.full_text))
        for name in ("initial", "adjusted", "annual", "executed"):
            words = "|".join(sorted(fields[name], key=len, reverse=True))
            match = re.search(rf"(?:{words})(?:资金|安排)?(?:为|是|共|共计|:)?(\d[\d,]*(?:\.\d+)?)(亿元|万元|元)", text)
            if match and name not in amounts:
                value = in_ten_thousands(match[1], match[2])
                if value is not None:
                    amounts[name] = (value, _at(paragraph, match[0]))
        rate = re.search(rf"(?:{'|'.join(fields['rate'])})(?:为|是|达到?|:)?(\d+(?:\.\d+)?)%", text)
        if rate:
            draft.put("execution_rate", decimal_of(rate[1]), _at(paragraph, rate[0]))
    put_amounts(draft, amounts)


@lru_cache(maxsize=1)
def _sentence_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    rules = lexicon().prose["projects"]
    return re.compile(rules["sentence"]), re.compile(rules["score_sentence"])


def _sentences(paragraph: Paragraph, report: str, found: Found) -> None:
    """“X”项目全年预算数a万元，执行数为b万元，完成预算的c%; “X”项目绩效自评得分为n分 (决算说明中的项目)."""
    amounts, scores = _sentence_patterns()
    text = folded(half_width(paragraph.full_text))
    for match in amounts.finditer(text):
        draft = ProjectDraft(name=match["name"], source=_at(paragraph, match[0]), report=report, origin="prose")
        draft.put("budget", in_ten_thousands(match["budget"], match["bunit"]), draft.source)
        draft.put("executed", in_ten_thousands(match["executed"], match["eunit"]), draft.source)
        draft.put("execution_rate", decimal_of(match["rate"]), draft.source)
        found.projects.append(draft)
    for match in scores.finditer(text):
        draft = ProjectDraft(name=match["name"], source=_at(paragraph, match[0]), report=report, origin="prose")
        draft.put("self_score", decimal_of(match["score"]), draft.source)
        found.projects.append(draft)
