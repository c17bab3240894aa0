"""Remedying last year's problems and using the results (结果整改)."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.numbers import trimmed
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, computed, full, known, lacking, needs_person, words

PROBLEMS, REMEDIED, APPLIED = (
    FigureKey.LAST_YEAR_PROBLEMS,
    FigureKey.LAST_YEAR_REMEDIED,
    FigureKey.LAST_YEAR_MEASURES_APPLIED,
)
KEYS = (PROBLEMS, REMEDIED, APPLIED)


class Params(Frozen):
    """``reduction``: how an incomplete remediation is reduced: by a ``person``, or in proportion to what was remedied.

    ``not_applied``: results that were not applied go to a ``person``, or leave ``zero`` points.
    """

    reduction: Literal["person", "proportional"] = "person"
    not_applied: Literal["person", "zero"] = "person"


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """对绩效管理中提出的问题进行整改，并将结果用于完善政策、改进管理、预算挂钩的得满分，否则酌情扣分。

    No problem last year counts as all remedied. More remedied than found is a mistake in the figures.
    """
    missing = lacking(figures, KEYS)
    if missing:
        return missing
    inputs = bureau_inputs(figures, KEYS)
    problems, remedied, applied = (known(figures, key) for key in KEYS)
    if remedied > problems:
        return needs_person(
            f"已整改{trimmed(remedied)}个，多于问题总数{trimmed(problems)}个，请核对财政局数据。", inputs
        )
    if applied == 0:
        if params.not_applied == "zero":
            return computed(Fraction(0), "绩效管理结果未应用", inputs, stated=True)
        return needs_person("绩效管理结果未应用，按规则酌情扣分，请评价人员判定。", inputs)
    if remedied == problems:
        state = "上年度没有需要整改的问题" if problems == 0 else f"上年度{trimmed(problems)}个问题全部整改"
        return computed(full(rule), f"{state}，结果已应用", inputs, stated=True)
    points = full(rule) * Fraction(remedied) / Fraction(problems)
    formula = f"{words(full(rule))}×{trimmed(remedied)}÷{trimmed(problems)}"
    if params.reduction == "proportional":
        return computed(points, formula, inputs)
    share = words(points, 2)
    return needs_person(
        f"上年度{trimmed(problems)}个问题中已整改{trimmed(remedied)}个，按规则酌情扣分，请评价人员判定"
        f"（按整改比例折算为{formula}＝{share}分，供参考）。",
        inputs,
    )


KIND = Kind("rectification", "整改与结果应用", Params, decide, needs=lambda params: KEYS)
