"""Projects told in prose (文字叙述的项目): numbered blocks of ``名称：值`` lines, and sentences of the final accounts."""

from __future__ import annotations

import re
from functools import lru_cache

from models.document import Paragraph, Source
from models.facts import IndicatorLine, Operator
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.passages import rank_of
from tasks.interpreting.quantities import decimal_of, in_ten_thousands, named_quantity, plain_signs, quantity
from tasks.interpreting.segments import Segment
from tasks.interpreting.text import folded, half_width, items, likeness, squeezed, without_enumerator

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
        found.indicators.extend(_bracketed_targets(paragraph, report))
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
    goals: list[tuple[str, str, Paragraph]] = []
    results: list[tuple[str, str, Paragraph]] = []
    for paragraph in block:
        for line in paragraph.full_text.splitlines():
            label, _, value = half_width_colon(line).partition(":")
            key = squeezed(without_enumerator(label))
            if not value.strip():
                continue
            if _read_field(draft, key, value, paragraph):
                continue
            kind = _indicator_type(key)
            if kind is not None:
                name, is_result = kind
                (results if is_result else goals).extend((name, one, paragraph) for one in items(_closed(value)))
    found.projects.append(draft)
    found.indicators.extend(_paired(draft.name, report, goals, results))


def half_width_colon(line: str) -> str:
    """A line whose first colon is ASCII (冒号归一); the rest stays as printed."""
    return re.sub(r"[：﹕]", ":", line, count=1)


def _closed(value: str) -> str:
    return value.strip().rstrip("。.；; ")


def _read_field(draft: ProjectDraft, key: str, value: str, paragraph: Paragraph) -> bool:
    for name, words in lexicon().prose["projects"]["fields"].items():
        if key not in words:
            continue
        text = squeezed(_closed(value))
        number = MONEY.match(text)
        place = _at(paragraph, f"{key}：{value.strip()}")
        if name in ("annual", "initial", "adjusted", "executed"):
            field = {"annual": "budget", "initial": "budget"}.get(name, name)
            bare = decimal_of(text)
            draft.put(field, in_ten_thousands(number[1], number[2]) if number else bare, place)
        else:
            field = {"rate": "execution_rate"}.get(name, name)
            draft.put(field, decimal_of(text), place)
        return True
    return False


@lru_cache(maxsize=1)
def _types() -> re.Pattern[str]:
    words = lexicon().prose
    names = "|".join(sorted(map(re.escape, words["indicator_types"]), key=len, reverse=True))
    return re.compile(rf"({names})({words['results']})?")


def _indicator_type(key: str) -> tuple[str, bool] | None:
    match = _types().fullmatch(key)
    return (match[1], bool(match[2])) if match else None


def _paired(project: str, report: str, goals: list, results: list) -> list[IndicatorLine]:
    """Goals with their results (目标与完成配对): of the same type, by name first, then by position."""
    lines = []
    left = list(results)
    for number, (kind, text, paragraph) in enumerate(goals):
        same_kind = [one for one in left if one[0] == kind]
        position = sum(1 for one in goals[:number] if one[0] == kind)
        partner = _partner(text, same_kind, position, [one for one in results if one[0] == kind])
        if partner is not None:
            left.remove(partner)
        lines.append(_line(project, report, kind, text, paragraph, partner))
    return lines


def _partner(text: str, options: list, position: int, all_of_kind: list):
    named = named_quantity(text)
    name = named[0] if named else text
    best, most = None, 0.0
    for option in options:
        other = named_quantity(option[1])
        ratio = likeness(name, other[0] if other else option[1])
        if ratio > most:
            best, most = option, ratio
    if most >= 0.6:
        return best
    return all_of_kind[position] if position < len(all_of_kind) and all_of_kind[position] in options else None


def _line(project: str, report: str, kind: str, text: str, paragraph: Paragraph, partner) -> IndicatorLine:
    place = _at(paragraph, text)
    fields: dict = {"project": project, "report": report, "level2": kind, "source": place, "places": {"target": place}}
    named = named_quantity(text)
    if named is None:
        printed = plain_signs(text)
        fields |= {"level3": printed, "operator": Operator.TEXT, "target_text": printed}
    else:
        name, printed, value = named
        fields |= {
            "level3": name,
            "operator": value.operator,
            "target": value.value,
            "unit": value.unit,
            "target_text": printed,
        }
    if partner is not None:
        done = named_quantity(partner[1])
        fields["places"] = {"target": place, "actual": _at(partner[2], partner[1])}
        fields["actual_text"] = done[1] if done and named else plain_signs(partner[1])
        fields["actual"] = done[2].value if done and named else None
    return IndicatorLine(**fields)


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


def _bracketed_targets(paragraph: Paragraph, report: str) -> list[IndicatorLine]:
    """``产出指标：包括甲（设定目标值为≥300起）、乙（…）``: targets in brackets behind their names (括注目标值)."""
    text = paragraph.full_text
    label = squeezed(without_enumerator(re.split(r"[：:]", text, maxsplit=1)[0]))
    if not label.endswith("指标") or len(label) > 12:
        return []
    rules = lexicon().prose
    level2 = (
        label if label in rules["indicator_types"] and label not in ("产出指标", "效益指标", "满意度指标") else None
    )
    lines = []
    body = re.split(r"[：:]", text, maxsplit=1)[-1]
    for match in re.finditer(rules["bracketed_target"], body):
        name = re.sub(rules["bracketed_lead"], "", match["name"].strip())
        printed = plain_signs(match["target"])
        value = quantity(printed)
        place = _at(paragraph, match[0])
        lines.append(
            IndicatorLine(
                report=report,
                level1=None if level2 else label,
                level2=level2,
                level3=name,
                operator=value.operator if value else Operator.TEXT,
                target=value.value if value else None,
                unit=value.unit if value else None,
                target_text=printed,
                source=place,
                places={"target": place},
            )
        )
    return lines
