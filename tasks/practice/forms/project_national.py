"""The national project form (项目支出绩效自评表，全国通用表式): 全年预算数, 全年执行数, 分值, 执行率, 得分; sign inside the target."""

from __future__ import annotations

from models.numbers import trimmed
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_project import PracticeProject
from tasks.practice.forms.layout import Box, Grid, merged_levels
from tasks.practice.forms.targets import printed_actual, printed_target


def national_grid(department: PracticeDepartment, project: PracticeProject) -> Grid:
    """One project's filled form (填好的项目表)."""
    grid = Grid(widths=(1.8, 2.1, 2.6, 3.1, 2.1, 2.0, 1.3, 1.4, 2.2))
    grid.row(Box("项目名称", columns=2, head=True), Box(project.name, columns=7))
    grid.row(
        Box("主管部门", columns=2, head=True),
        Box(department.name, columns=2),
        Box("实施单位", columns=2, head=True),
        Box(department.name, columns=3),
    )
    _money_rows(grid, department, project)
    grid.row(
        Box("年度总体目标", rows=2, head=True),
        Box("预期目标", columns=4, head=True),
        Box("实际完成情况", columns=4, head=True),
    )
    why = f"预算调整原因：{project.change_reason}。" if project.change_reason else ""
    grid.row(Box(project.goal, columns=4, align="left"), Box(project.outcome + why, columns=4, align="left"))
    _indicator_rows(grid, project)
    grid.row(Box("总分", columns=6, head=True), Box("100"), Box(trimmed(project.self_score)), Box(""))
    return grid


def _money_rows(grid: Grid, department: PracticeDepartment, project: PracticeProject) -> None:
    labels = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
    spans = (1, 1, 1, 1, 1, 2)
    grid.row(
        Box("项目资金（万元）", rows=5, head=True),
        Box("资金来源", columns=1, head=True),
        *(Box(label, columns=width, head=True) for label, width in zip(labels, spans, strict=True)),
    )
    rate = department.planted("execution_rate", "预算执行率", project.name) or str(project.execution_rate)
    amounts = [f"{amount:.2f}" for amount in (project.initial, project.adjusted, project.executed)]
    rows = (
        ("年度资金总额", amounts, ("10", f"{rate}%", trimmed(project.execution_score))),
        ("其中：当年财政拨款", amounts, ("—", f"{rate}%", "—")),
        ("上年结转资金", ["0.00"] * 3, ("—", "—", "—")),
        ("其他资金", ["0.00"] * 3, ("—", "—", "—")),
    )
    for label, numbers, rest in rows:
        grid.row(Box(label), *(Box(text, columns=width) for text, width in zip((*numbers, *rest), spans, strict=True)))


def _indicator_rows(grid: Grid, project: PracticeProject) -> None:
    labels = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    grid.row(Box("绩效指标", rows=len(project.indicators) + 1, head=True), *(Box(label, head=True) for label in labels))
    levels = merged_levels([(line.level1, line.level2) for line in project.indicators])
    for line, spans in zip(project.indicators, levels, strict=True):
        points = ["" if number is None else trimmed(number) for number in (line.weight, line.score)]
        grid.row(
            *spans,
            Box(line.name, align="left"),
            Box(printed_target(line)),
            Box(printed_actual(line)),
            *(Box(text) for text in points),
            Box(f"{line.reason}。" if line.reason else "", align="left"),
        )
