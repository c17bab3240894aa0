"""Quality of the targets (目标制定): complete elements, refined and quantified."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from models.document import Frozen
from models.facts import IndicatorLine, Operator, ReportFacts
from models.figures import BureauFigures
from models.rules.schema import Rule
from models.rules.text import category, folded
from models.rules.verdict import Kind, ScoreInput, Verdict, computed, full, needs_person, words


class Params(Frozen):
    """``decide``: a ``person`` always judges, or the line gets ``full_when_complete`` without one.

    ``required_level1``: the headings every project needs for complete elements. ``level1_of``: which heading a
    second-level one belongs to, for reports that print only the second level.
    """

    decide: Literal["person", "full_when_complete"] = "person"
    required_level1: tuple[str, ...] = ("产出指标", "效益指标", "满意度指标")
    level1_of: dict[str, str] = {
        "数量指标": "产出指标",
        "质量指标": "产出指标",
        "时效指标": "产出指标",
        "成本指标": "产出指标",
        "经济效益指标": "效益指标",
        "社会效益指标": "效益指标",
        "生态效益指标": "效益指标",
        "可持续影响指标": "效益指标",
        "服务对象满意度指标": "满意度指标",
        "满意度指标": "满意度指标",
    }


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """目标要素完整得一半分，指标细化量化得一半分，否则酌情扣分；有项目的看项目目标，没有项目的看部门整体目标。

    What a machine can see is whether headings, targets and numbers are there; how much a gap costs is for a person.
    """
    projects = tuple(dict.fromkeys(line.project for line in facts.indicators if line.project is not None))
    owners: tuple[str | None, ...] = projects or (None,)
    lines = {owner: [line for line in facts.indicators if line.project == owner] for owner in owners}
    gaps = [gap for owner in owners for gap in _gaps(owner, lines[owner], params)]
    named = {folded(name) for name in projects}
    gaps += [f"项目“{p.name}”没有绩效指标" for p in facts.projects if folded(p.name) not in named]
    everything = [line for owner in owners for line in lines[owner]]
    quantified = sum(_quantified(line) for line in everything)
    inputs = (
        _count("indicator_lines", "绩效指标条数", len(everything)),
        _count("quantified_lines", "其中有数量目标的条数", quantified),
    )
    if everything and not gaps and quantified == len(everything) and params.decide == "full_when_complete":
        half = full(rule) / 2
        return computed(half + half, f"{words(half)}（要素完整）＋{words(half)}（指标全部量化）", inputs)
    found = "；".join(gaps[:6]) + (f"等{len(gaps)}处" if len(gaps) > 6 else "") if gaps else "未发现缺少的要素"
    reason = f"绩效目标的编制质量须由评价人员判断。程序核对的情况：共{len(everything)}条指标，{quantified}条有数量目标；{found}。"
    return needs_person(reason, inputs)


def _gaps(owner: str | None, lines: list[IndicatorLine], params: Params) -> list[str]:
    name = f"项目“{owner}”" if owner else "部门整体"
    belongs = {category(low): category(high) for low, high in params.level1_of.items()}
    levels = [category(line.level1) if line.level1 else belongs.get(category(line.level2 or "")) for line in lines]
    present = set(levels)
    gaps = [f"{name}没有{level}" for level in params.required_level1 if category(level) not in present]
    return gaps + [
        f"{name}的“{line.level3 or '（未写名称）'}”没有指标值"
        for line in lines
        if not line.target_text and line.target is None
    ]


def _quantified(line: IndicatorLine) -> bool:
    return line.target is not None and line.operator is not Operator.TEXT


def _count(name: str, label: str, value: int) -> ScoreInput:
    return ScoreInput(name=name, label=label, value=Decimal(value), unit="条", origin="report")


KIND = Kind("target-setting", "目标编制质量", Params, decide)
