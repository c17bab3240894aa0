"""Targets against completions (目标值与完成值): missed, far exceeded, pointing the wrong way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, found, number, percent, place
from models.checks.indicators import (
    actual_words,
    is_full,
    is_rank,
    met,
    name_of,
    points,
    project_of,
    quoted,
    target_words,
    where,
)
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.facts import Finding, IndicatorLine, Operator, Severity
from models.numbers import trimmed

_OVERSHOOT = Decimal("1.3")
_HALF_POINT = Decimal("0.5")
_FULL_SCORE = Decimal(100)


def _expected(line: IndicatorLine) -> Decimal | None:
    if line.target is None or line.actual is None or line.weight is None or line.target <= 0 or line.actual <= 0:
        return None
    if line.operator in (Operator.AT_LEAST, Operator.EQUAL, Operator.MORE, None):
        return line.weight * line.actual / line.target
    return line.weight * line.target / line.actual


def _unit(text: str | None) -> str:
    return re.sub(r"[\d.,≥≤><=约达到\s]", "", text or "")


def _doubt(line: IndicatorLine) -> str:
    """Why the comparison may not hold (存疑原因), empty where it does: no sign, or two units."""
    if line.operator in (None, Operator.EQUAL):
        if "成本" in (line.level2 or ""):
            return "目标没有写明不超过，低于目标可能正是节约"
        return "" if line.operator is Operator.EQUAL else "目标没有写明指标性质"
    done, unit = _unit(line.actual_text), line.unit or ""
    money = {done, unit} & {"元", "万元", "亿元"}
    if done and unit and done != unit and (money or (done not in unit and unit not in done)):
        return f"目标以“{unit}”计而完成值以“{done}”计"
    if unit == "%" and line.actual is not None and line.actual <= 1:
        return "完成值似为小数而不是百分数"
    return ""


def _missed(material: Material) -> Iterator[Finding]:
    for line in material.facts.indicators:
        if met(line) is not False or is_rank(line) or line.target is None or line.actual is None:
            continue
        places = quoted(material, line)
        said = f"{where(line)}{name_of(line)}目标{target_words(line)}，完成{actual_words(line)}，未达到目标"
        computed: Computed = {"target": line.target, "actual": line.actual}
        if line.target > 0:
            computed["percent_of_target"] = percent(line.actual / line.target * HUNDRED)
        project = project_of(material, line)
        expected = _expected(line)
        doubt = _doubt(line)
        if doubt:
            message = f"{said[:-5]}；{doubt}，请核对。"
            yield found("target-missed", Severity.QUESTION, message, places, **computed)
        elif is_full(line):
            message = f"{said}，得分{points(line.score)}为满分，请核对。"
            yield found("target-missed", Severity.ERROR, message, places, **computed)
        elif line.score is not None and line.weight is not None and expected is not None:
            computed["proportional_score"] = percent(expected)
            if abs(expected - line.score) <= _HALF_POINT:
                message = f"{said}；得分{points(line.score)}与按完成比例计算的{percent(expected)}分相符。"
                yield found("target-missed", Severity.CONFIRMED, message, places, **computed)
            else:
                computed["score"] = line.score
                message = (
                    f"{said}；权重{points(line.weight)}，按完成比例为{percent(expected)}分，"
                    f"所填得分为{points(line.score)}，请说明计分依据。"
                )
                yield found("target-missed", Severity.QUESTION, message, places, **computed)
        elif project is not None and project.self_score is not None and project.self_score >= _FULL_SCORE:
            score = place(
                project.places.get("self_score") or project.source, f"评价得分：{trimmed(project.self_score)}分"
            )
            message = f"{said}，而该项目评价得分为{points(project.self_score)}，请核对。"
            yield found(
                "target-missed", Severity.ERROR, message, (*places, score), **computed, score=project.self_score
            )
        else:
            yield found(
                "target-missed", Severity.QUESTION, f"{said}，文中未见相应扣分或说明，请核对。", places, **computed
            )


MISSED = Check(
    code="target-missed",
    title="未达目标",
    what="完成值按指标性质未达到目标值，而得分为满分，或得分与按比例计算的结果不同。",
    example="目标≥600件，完成449件，权重40分，得分40分。",
    doubt="指标性质可能填反；没有逐项得分时只能看项目总分。",
    find=_missed,
)


def _overshoot(material: Material) -> Iterator[Finding]:
    for line in material.facts.indicators:
        if line.target is None or line.actual is None or line.target <= 0 or line.unit == "%" or is_rank(line):
            continue
        if line.operator not in (Operator.AT_LEAST, Operator.EQUAL, Operator.MORE):
            continue
        if line.actual <= line.target * _OVERSHOOT or line.reason:
            continue
        ratio = line.actual / line.target * HUNDRED
        held = f"，得分{points(line.score)}" if line.score is not None else ""
        message = (
            f"{where(line)}{name_of(line)}目标{target_words(line)}，完成{actual_words(line)}，为目标的{percent(ratio)}%，"
            f"超过30%{held}，未见原因说明，请核对目标值与完成值的口径。"
        )
        yield found("overshoot", Severity.QUESTION, message, quoted(material, line), percent_of_target=percent(ratio))


OVERSHOOT = Check(
    code="overshoot",
    title="超过目标30%以上",
    what="完成值超过目标值的1.3倍（恰好1.3倍不算）而没有说明原因。",
    example="目标≥30人，完成287人，满分，原因栏空白。",
    doubt="目标定得过低也会如此；完成值可能是历年累计数。",
    find=_overshoot,
)


def _direction(material: Material) -> Iterator[Finding]:
    words = word_list("directions")
    smaller = re.compile("|".join(words["smaller_is_better"]))
    larger = re.compile("|".join(words["larger_is_better"]))
    for line in material.facts.indicators:
        name, places = line.level3 or "", quoted(material, line)
        computed: Computed = {"target": number(line.target)} if line.target is not None else {}
        if line.actual is not None:
            computed["actual"] = line.actual
        upward = line.operator in (Operator.AT_LEAST, Operator.MORE)
        downward = line.operator in (Operator.AT_MOST, Operator.LESS)
        said = f"{where(line, 'operator')}{name_of(line)}目标写为{target_words(line)}"
        if is_rank(line) and upward:
            done = f"，完成{actual_words(line)}" if line.actual is not None else ""
            wrong = met(line) is False and is_full(line)
            gives = f"，按所写符号未达到目标，而得分{points(line.score)}为满分" if wrong else ""
            message = f"{said}{done}{gives}；名次越小越靠前，请核对指标性质。"
            yield found("direction", Severity.ERROR if wrong else Severity.QUESTION, message, places, **computed)
        elif upward and (smaller.search(name) or "成本" in (line.level2 or "")) and not larger.search(name):
            yield found(
                "direction",
                Severity.QUESTION,
                f"{said}；此类指标通常以不超过为好，请核对指标性质。",
                places,
                **computed,
            )
        elif downward and larger.search(name) and not smaller.search(name):
            yield found(
                "direction",
                Severity.QUESTION,
                f"{said}；此类指标通常以不低于为好，请核对指标性质。",
                places,
                **computed,
            )


DIRECTION = Check(
    code="direction",
    title="指标性质方向",
    what="名次、成本、故障率等越小越好的指标写成≥，或满意度、完成率等越大越好的指标写成≤。",
    example="全国排名目标“≥150名”，完成114名，满分。",
    doubt="“退出前若干名”等说法本来就要求数值变大。",
    find=_direction,
)
