"""Publication of the self-evaluation with the final accounts (自评公开)."""

from __future__ import annotations

import re
from fractions import Fraction

from models.document import Frozen
from models.facts import ReportFacts
from models.figures import BureauFigures, FigureKey
from models.rules.schema import Rule
from models.rules.verdict import Kind, Verdict, bureau_inputs, bureau_text, computed, full, known, lacking, needs_person

DONE = FigureKey.PUBLICISED
_DAY = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})")


class Params(Frozen):
    """``evidence_required``: a "published" without address and date goes to a person."""

    evidence_required: bool = True


def decide(rule: Rule, params: Params, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    """按要求将相关绩效信息随同决算公开的得满分，否则不得分；须有公开网址和日期佐证。"""
    missing = lacking(figures, (DONE,))
    if missing:
        return missing
    evidence = (bureau_text(figures, "publicised_at"), bureau_text(figures, "publicised_on"))
    inputs = (*bureau_inputs(figures, (DONE,)), *evidence)
    if known(figures, DONE) == 0:
        return computed(Fraction(0), "未随同决算公开", inputs, stated=True)
    absent = [item.label for item in evidence if item.text is None]
    if absent and params.evidence_required:
        return needs_person(f"登记为已公开，但缺少佐证（{'、'.join(absent)}），请补充或由评价人员判定。", inputs)
    shown = "，".join(f"{item.label}：{_as_day(item.text)}" for item in evidence if item.text is not None)
    return computed(full(rule), f"已随同决算公开{f'（{shown}）' if shown else ''}", inputs, stated=True)


def _as_day(text: str) -> str:
    """A day as officials write it (日期), 2026年8月21日; other words as they are."""
    found = _DAY.fullmatch(text.strip())
    return f"{found[1]}年{int(found[2])}月{int(found[3])}日" if found else text


KIND = Kind("publication", "是否公开", Params, decide, needs=lambda params: (DONE,))
