"""Weights and scores of a project table (项目表的权重与得分): they add up to what the table prints."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, found, percent, place
from models.checks.indicators import quoted
from models.checks.material import Material
from models.checks.projects import money_places, shown, where
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, IndicatorLine, ProjectFacts, Severity
from models.numbers import trimmed

_LINES_NEEDED = 2
_ROUNDING = Decimal("0.05")


def _held(material: Material, project: ProjectFacts) -> list[IndicatorLine]:
    lines = [one for one in material.facts.indicators if one.project == project.name]
    return lines if len(lines) >= _LINES_NEEDED and all(one.weight is not None for one in lines) else []


def _ends(material: Material, project: ProjectFacts, lines: list[IndicatorLine]) -> tuple[FindingPlace, ...]:
    ends = (*quoted(material, lines[0]), *quoted(material, lines[-1]))
    total = project.places.get("self_score")
    said = (
        (place(total, f"得分{trimmed(project.self_score)}"),)
        if total is not None and project.self_score is not None
        else ()
    )
    return (*money_places(material, project), *ends, *said)


def _find(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        lines = _held(material, project)
        if not lines:
            continue
        execution = project.execution_weight or Decimal(0)
        whole = sum((one.weight or Decimal(0) for one in lines), execution)
        said = f"{shown(project)}预算执行与{len(lines)}项指标的权重合计{trimmed(whole)}分"
        if whole == HUNDRED:
            yield found("project-weights", Severity.CONFIRMED, f"{said}。", _ends(material, project, lines), sum=whole)
        elif project.execution_weight is not None:
            message = f"{said}，不等于100分，请核对权重或是否缺行。"
            yield found("project-weights", Severity.QUESTION, message, _ends(material, project, lines), sum=whole)
        scored = [one.score for one in lines if one.score is not None]
        if project.self_score is None or len(scored) < len(lines) or project.execution_score is None:
            continue
        held = sum(scored, project.execution_score)
        told = f"{where(project, 'self_score')}{shown(project)}各项得分合计{trimmed(held)}分，自评得分写为{trimmed(project.self_score)}分"
        values: Computed = {"sum": held, "stated": project.self_score}
        if abs(held - project.self_score) <= _ROUNDING:
            yield found(
                "project-total", Severity.CONFIRMED, f"{told}，两者相符。", _ends(material, project, lines), **values
            )
        else:
            sure = whole == HUNDRED and abs(held - project.execution_score - project.self_score) > _ROUNDING
            message = f"{told}，相差{percent(abs(held - project.self_score))}分，请核对。"
            yield found(
                "project-total",
                Severity.ERROR if sure else Severity.QUESTION,
                message,
                _ends(material, project, lines),
                **values,
            )


CHECK = Check(
    code="project-weights",
    title="项目表权重与得分合计",
    what="项目表各项权重（含预算执行）合计应为100分；各项得分合计与表中总分比较（project-total）。",
    example="权重10＋50＋30合计90分。",
    doubt="跨页表漏读一行时会不符；权重不等于100只作待核实。",
    also={
        "project-total": "项目得分合计与总分",
    },
    find=_find,
)
