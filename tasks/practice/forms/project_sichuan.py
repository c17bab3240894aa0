"""The provincial project form (项目支出绩效自评表，四川表式): 年初预算, 调整后预算数, 预算执行数, operator in its own column."""

from __future__ import annotations

from models.numbers import trimmed
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_project import PracticeProject
from tasks.practice.forms.layout import Box, Grid, merged_levels

_NONE = "0.00"


def sichuan_grid(department: PracticeDepartment, project: PracticeProject) -> Grid:
    """One project's filled form (填好的项目表). Indicator cells have sign, value and unit apart."""
    grid = Grid(widths=(1.6, 2.2, 2.2, 2.6, 1.3, 1.4, 1.4, 1.7, 1.0, 1.4, 2.4))
    grid.row(Box("项目名称", columns=2, head=True), Box(f"{project.code}-{project.name}", columns=9))
    grid.row(
        Box("主管部门", columns=2, head=True),
        Box(department.name, columns=3),
        Box("实施单位（盖章）", columns=3, head=True),
        Box(department.name, columns=3),
    )
    grid.row(
        Box("项目基本情况", rows=3, head=True),
        Box("1.项目年度目标完成情况", rows=2, head=True),
        Box("项目年度目标", columns=4, head=True),
        Box("年度目标完成情况", columns=5, head=True),
    )
    grid.row(Box(project.goal, columns=4, align="left"), Box(project.outcome, columns=5, align="left"))
    grid.row(Box("2.项目实施内容及过程概述", head=True), Box(project.process, columns=9, align="left"))
    _money_rows(grid, department, project)
    _indicator_rows(grid, project)
    grid.row(Box("合计", columns=8, head=True), Box("100"), Box(trimmed(project.self_score)), Box(""))
    for label, text in (
        ("评价结论", project.conclusion),
        ("存在问题", project.problems),
        ("改进措施", project.measures),
    ):
        grid.row(Box(label, head=True), Box(text, columns=10, align="left"))
    return grid


def _money_rows(grid: Grid, department: PracticeDepartment, project: PracticeProject) -> None:
    labels = ("年初预算", "调整后预算数", "预算执行数", "预算执行率", "权重", "得分", "原因")
    spans = (1, 1, 2, 2, 1, 1, 1)
    grid.row(
        Box("预算执行情况（10分）", rows=6, head=True),
        Box("年度预算数（万元）", head=True),
        *(Box(label, columns=width, head=True) for label, width in zip(labels, spans, strict=True)),
    )
    rate = department.planted("execution_rate", "预算执行率", project.name) or str(project.execution_rate)
    amounts = [f"{amount:.2f}" for amount in (project.initial, project.adjusted, project.executed)] + [f"{rate}%"]
    nothing = [_NONE, _NONE, _NONE, f"{_NONE}%"]
    rows = (
        ("总额", amounts, ("10", trimmed(project.execution_score), project.change_reason or "")),
        ("其中：财政资金", amounts, ("/", "/", "")),
        ("财政专户管理资金", nothing, ("/", "/", "")),
        ("单位资金", nothing, ("/", "/", "")),
        ("其他资金", ["", "", "", ""], ("/", "/", "")),
    )
    for label, numbers, rest in rows:
        grid.row(Box(label), *(Box(text, columns=width) for text, width in zip((*numbers, *rest), spans, strict=True)))


def _indicator_rows(grid: Grid, project: PracticeProject) -> None:
    labels = (
        "一级指标",
        "二级指标",
        "三级指标",
        "指标性质",
        "指标值",
        "度量单位",
        "完成值",
        "权重",
        "得分",
        "未完成原因分析",
    )
    grid.row(
        Box("绩效指标（90分）", rows=len(project.indicators) + 1, head=True),
        *(Box(label, head=True) for label in labels),
    )
    levels = merged_levels([(line.level1, line.level2) for line in project.indicators])
    for line, spans in zip(project.indicators, levels, strict=True):
        middle = (line.sign, line.target, line.unit, line.actual)
        points = ["" if number is None else trimmed(number) for number in (line.weight, line.score)]
        grid.row(
            *spans,
            Box(line.name, align="left"),
            *(Box(text) for text in (*middle, *points)),
            Box(f"{line.reason}。" if line.reason else "", align="left"),
        )
