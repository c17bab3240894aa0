"""The department rubric as a form (部门整体绩效评价表): merged levels, self-scores beside each line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from models.document import Frozen
from models.numbers import Number, trimmed
from tasks.practice.forms.layout import Box, Grid, merged_levels


class FormLine(Frozen):
    """One line of the printed rubric (评价表的一行)."""

    level1: str
    level2: str
    level3: str
    weight: Number
    explanation: str
    criterion: str


@cache
def rubric_lines() -> tuple[FormLine, ...]:
    """The twelve lines in their printed order (评价表各行)."""
    text = (Path(__file__).parent / "rubric.yml").read_text(encoding="utf-8")
    plain = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - plain strings only
    return tuple(FormLine.model_validate(line) for line in plain["lines"])


def rubric_grid(claims: Mapping[str, Decimal]) -> Grid:
    """The filled rubric (填好的评价表). A line without a claim stays blank."""
    lines = rubric_lines()
    grid = Grid(widths=(2.1, 2.1, 1.9, 1.3, 3.0, 4.9, 1.5), header_rows=2)
    grid.row(Box("绩效指标", columns=3, head=True), *_heads("分值", "指标解释", "计分标准", "自评得分"))
    grid.row(Box("一级指标", head=True), Box("二级指标", head=True), Box("三级指标", head=True))
    levels = merged_levels([(line.level1, line.level2) for line in lines])
    for line, spans in zip(lines, levels, strict=True):
        claim = claims.get(line.level3)
        grid.row(
            *spans,
            Box(line.level3),
            Box(trimmed(line.weight)),
            Box(line.explanation, align="left"),
            Box(line.criterion, align="left"),
            Box("" if claim is None else trimmed(claim)),
        )
    return grid


def _heads(*labels: str) -> list[Box]:
    return [Box(label, rows=2, head=True) for label in labels]
