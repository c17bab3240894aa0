"""The department's overall targets as a form (部门整体支出绩效目标自评表)."""

from __future__ import annotations

from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_project import PracticeIndicator
from tasks.practice.forms.layout import Box, Grid, merged_levels


def printed_target(line: PracticeIndicator) -> str:
    """Sign, number and unit together (指标值), e.g. ``≥95%``; a scale stands alone."""
    return line.target if line.sign == "定性" else f"{line.operator.value}{line.target}{line.unit}"


def printed_actual(line: PracticeIndicator) -> str:
    """The completion value with its unit (实际完成值)."""
    return line.actual if line.sign == "定性" else f"{line.actual}{line.unit}"


def targets_grid(department: PracticeDepartment) -> Grid:
    """The filled table (填好的目标表): tasks, money, overall goal, yearly indicators with their completion."""
    money = department.money
    grid = Grid(widths=(2.2, 2.3, 2.7, 3.6, 3.0, 3.0))
    grid.row(Box("部门名称", head=True), Box(department.name, columns=5))
    count = len(department.tasks)
    grid.row(Box("年度主要任务", rows=count + 1, head=True), Box("任务名称", columns=2, head=True), _wide("主要内容"))
    for name, content in department.tasks:
        grid.row(Box(name, columns=2), Box(content, columns=3, align="left"))
    grid.row(
        Box("预算执行情况", rows=3, head=True),
        Box("年度预算数（万元）", head=True),
        *(Box(label, head=True) for label in ("年初预算", "全年预算数", "全年执行数", "执行率")),
    )
    amounts = (money.initial, money.annual, money.expenditure)
    rate = f"{money.execution_rate}%"
    grid.row(Box("总额"), *(Box(f"{amount:.2f}") for amount in amounts), Box(rate))
    grid.row(Box("其中：财政资金"), *(Box(f"{amount:.2f}") for amount in amounts), Box(rate))
    grid.row(Box("年度总体目标", head=True), Box(department.goal, columns=5, align="left"))
    _indicator_rows(grid, department)
    return grid


def _indicator_rows(grid: Grid, department: PracticeDepartment) -> None:
    count = len(department.targets) + 1
    labels = ("一级指标", "二级指标", "三级指标", "指标值", "实际完成值")
    grid.row(Box("年度绩效指标", rows=count, head=True), *(Box(label, head=True) for label in labels))
    levels = merged_levels([(line.level1, line.level2) for line in department.targets])
    for line, spans in zip(department.targets, levels, strict=True):
        grid.row(*spans, Box(line.name, align="left"), Box(printed_target(line)), Box(printed_actual(line)))


def _wide(label: str) -> Box:
    return Box(label, columns=3, head=True)
