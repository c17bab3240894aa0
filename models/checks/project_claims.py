"""What a project's text says against its own indicator table (项目叙述与指标表)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import found, place, spoken
from models.checks.indicators import actual_words, quoted, target_words
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, IndicatorLine, ProjectFacts, Severity
from models.numbers import trimmed
from models.statements.labels import longest_common
from models.statements.text import Passage, clean

_SAID_RATE = re.compile(
    r"([\u4e00-\u9fff、]{2,16}?(?:满意度?|满意指标|率))[^\d。；]{0,12}?((?:大于等于|不低于|≥|达到)?)(\d+(?:\.\d+)?)%(及以上|以上)?"
)
_MONEY_RATE = re.compile(r"到位率|执行率|完成率|支付率")
_GOAL = re.compile(r"(\d+(?:\.\d+)?)(%|件|个|次|人|台|套|份|场|条|处|名|辆|户)")
_GOALS_NEEDED = 3
_SHARED = 3


def _table(project: ProjectFacts, lines: list[IndicatorLine]) -> int | None:
    numbers = {line.source.table for line in lines if line.source.table is not None}
    return numbers.pop() if len(numbers) == 1 else project.source.table


def _prose(material: Material, table: int | None, lines: list[IndicatorLine]) -> list[Passage]:
    """Longer cells of the project's table that are not indicator rows (项目表中的叙述)."""
    rows = {line.source.row for line in lines}
    return [
        one
        for one in material.passages
        if table is not None and one.source.table == table and one.source.row not in rows and len(one.text) >= 12
    ]


def _best(name: str, lines: list[IndicatorLine]) -> IndicatorLine | None:
    word = "满意" if "满意" in name else None
    if word:
        return next((line for line in lines if word in (line.level3 or "") or word in (line.level2 or "")), None)
    scored = [(len(longest_common(name, clean(line.level3 or ""))), line) for line in lines]
    best = max(scored, key=lambda one: one[0], default=None)
    return best[1] if best and best[0] >= _SHARED else None


def _claims(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        lines = [one for one in material.facts.indicators if one.project == project.name]
        table = _table(project, lines)
        told: list[str] = []
        places: list[FindingPlace] = []
        for passage in _prose(material, table, lines):
            for match in _SAID_RATE.finditer(passage.text):
                name, value = match.group(1), Decimal(match.group(3))
                if _MONEY_RATE.search(name):
                    continue
                line = _best(name, lines)
                if line is not None and value in (line.target, line.actual):
                    continue
                said = f"{spoken(passage.source)}写明“{match.group()}”"
                if line is None:
                    told.append(f"{said}，指标表中没有这一指标")
                else:
                    told.append(
                        f"{said}，指标表“{clean(line.level3 or '')}”目标为{target_words(line)}、完成{actual_words(line)}"
                    )
                    places.extend(quoted(material, line))
                start = max(0, passage.text.rfind("。", 0, match.start()) + 1)
                places.append(place(passage.source, passage.text[start : match.end() + 16]))
        if told:
            message = f"项目“{clean(project.name)}”：{'；'.join(dict.fromkeys(told))}，请核对。"
            yield found(
                "project-text-against-table",
                Severity.QUESTION,
                message,
                tuple(dict.fromkeys(places)),
                claims=str(len(told)),
            )


CLAIMS = Check(
    code="project-text-against-table",
    title="项目叙述与指标表不一致",
    what="项目表中的叙述（评价结论等）写明的比率、满意度，与同表指标的目标值、完成值比较；表中没有的也指出。",
    example="结论写满意度90%以上，指标表为95%。",
    doubt="叙述可能引用其他调查的结果。",
    find=_claims,
)


def _goals(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        lines = [one for one in material.facts.indicators if one.project == project.name]
        values = {one.target for one in lines if one.target is not None}
        if not values:
            continue
        first = min((line.source.row or 0 for line in lines), default=0)
        for passage in _prose(material, _table(project, lines), lines):
            if (passage.source.row or 0) >= first or re.search(r"预算|万元|实际", passage.text):
                continue
            goals = list(_GOAL.finditer(passage.text))
            absent = [one for one in goals if Decimal(one.group(1)) not in values]
            if len(goals) < _GOALS_NEEDED or len(absent) < 2 or len(passage.text) > 160:
                continue
            clauses = [re.split(r"[，；。]", passage.text[: one.start()])[-1] + one.group() for one in absent]
            message = (
                f"项目“{clean(project.name)}”{spoken(passage.source)}的年度目标列出{len(goals)}个数量，其中“{'”“'.join(clauses)}”在指标表中"
                f"没有相应指标（指标表目标值为{'、'.join(trimmed(one) for one in sorted(values))}），请核对是否漏列。"
            )
            yield found(
                "goal-without-indicator",
                Severity.QUESTION,
                message,
                (place(passage.source, passage.text),),
                absent=str(len(absent)),
            )


GOALS = Check(
    code="goal-without-indicator",
    title="年度目标没有对应指标",
    what="项目年度目标写明三个以上数量，其中两个以上在指标表中没有相同的目标值。",
    example="目标“点位2个，入库1000件，借调100件”，指标表只有点位。",
    doubt="目标可能合并为一个综合指标。",
    find=_goals,
)
