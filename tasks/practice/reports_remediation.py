"""A department's answer to the remediation notice as a Word file (整改情况报告): one table, one row per problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_story import RemediationStep
from tasks.practice.forms.docx_writer import docx_bytes
from tasks.practice.forms.layout import SIGN, TITLE, Box, Grid, Line, Paper

_STATES: Mapping[str, str] = {"planned": "正在整改", "claimed_done": "已完成", "extension": "正在整改，申请延期"}
_HEADS = ("序号", "问题", "整改措施", "责任人", "完成时限", "完成情况", "佐证材料")


def write_remediation_reply(
    department: PracticeDepartment,
    items: Sequence[tuple[int, str]],
    attempt: int,
    folder: Path,
    told_on: date | None = None,
) -> tuple[Path, ...]:
    """Write answer number ``attempt`` (生成整改情况报告) on ``items`` (number, problem) and return its path.

    ``told_on`` is the day of the remediation notice; with it the due dates are printed as dates, without it as a number of
    days. Same arguments, same bytes. Raises ValueError where the department has no such answer.
    """
    step = next((step for step in department.remediation if step.number == attempt), None)
    if step is None:
        raise ValueError(f"{department.name}没有第{attempt}次整改反馈（共{len(department.remediation)}次）")
    title = "绩效评价问题整改情况报告"
    grid = Grid(widths=(1.0, 3.6, 3.6, 1.6, 2.3, 2.7, 2.2), header_rows=1)
    grid.row(*(Box(label, head=True) for label in _HEADS))
    due = _due(step, told_on)
    for number, problem in items:
        measure = _measure(department, step, problem)
        cells = (problem, measure, step.owner, due, f"{_STATES[step.state]}：{step.progress}", step.evidence)
        aligned = ("left", "left", "center", "center", "left", "left")
        grid.row(Box(str(number)), *(Box(text, align=align) for text, align in zip(cells, aligned, strict=True)))
    paper: Paper = [
        Line(department.name, TITLE),
        Line(title, TITLE),
        Line("县财政局："),
        Line(f"收到整改通知后，{department.name}逐项研究，现将{len(items)}个问题的整改情况报告如下。"),
        grid,
        Line(department.name, SIGN),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{department.name}{title}（第{attempt}次）.docx"
    path.write_bytes(docx_bytes(paper, title, department.name))
    return (path,)


def _due(step: RemediationStep, told_on: date | None) -> str:
    if told_on is None:
        return f"收到整改通知后{step.due_days}日内"
    day = told_on + timedelta(days=step.due_days)
    return f"{day.year}年{day.month}月{day.day}日"


def _measure(department: PracticeDepartment, step: RemediationStep, problem: str) -> str:
    """The measure the report itself names for its own problem, else that of the answer (对应整改措施)."""
    for own, measure in zip(department.problems, department.measures, strict=True):
        if own.rstrip("。") in problem:
            return measure
    return step.measure
