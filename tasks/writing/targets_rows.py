"""The rows of a returned approval table (批复表的各行): checked one by one, gathered into projects and indicators."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from models.approved import SIGNS, ApprovedIndicator, ApprovedProject, operator_of
from models.facts import Operator
from models.numbers import trimmed
from models.rules.text import folded
from tasks.writing.opened import Opened, UnreadableWorkbookError, blank, number_in, place, text_of

MOST_MONEY = 100_000_000
# 120 departments with 40 projects would be more than a bureau of this kind has ever entered by hand.
MOST_ROWS = 20_000
BUDGET, GOAL = "项目预算（万元）", "项目年度目标"
INDICATOR = ("一级指标", "二级指标", "三级指标", "指标性质", "指标值")
INDICATOR_AND_MORE = (*INDICATOR, "度量单位", "权重")
# As long as the database keeps them.
_LONGEST = {
    "项目编码": 60,
    "项目名称": 200,
    "一级指标": 60,
    "二级指标": 60,
    "三级指标": 200,
    "指标值": 200,
    "度量单位": 40,
    GOAL: 2000,
}
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,8})?")


def head_columns(sheet: Worksheet, row: int, labels: tuple[str, ...]) -> dict[str, int]:
    """Where each column stands (表头所在列). Raises UnreadableWorkbookError when one is missing or stands twice."""
    found: dict[str, int] = {}
    for number in range(1, sheet.max_column + 1):
        label = text_of(sheet.cell(row, number).value)
        if label in labels and label in found:
            raise UnreadableWorkbookError(f"第{row}行表头“{label}”重复出现，请只保留一列。")
        if label in labels:
            found[label] = number
    missing = [label for label in labels if label not in found]
    if missing:
        raise UnreadableWorkbookError(
            f"第{row}行缺少表头：{'、'.join(missing)}。请使用系统生成的批复表，不要改动表头。"
        )
    return found


@dataclass
class _Project:
    row: int
    name: str
    code: str = ""
    budget: Decimal | None = None
    goal: str = ""
    indicators: list[ApprovedIndicator] = field(default_factory=list)


@dataclass
class TargetRows:
    """Takes the rows in (逐行登记). ``problems`` names every broken one; ``departments`` are roster names by code."""

    book: Opened
    sheet: Worksheet
    columns: Mapping[str, int]
    departments: Mapping[str, str]
    problems: list[str] = field(default_factory=list)
    projects: dict[str, dict[str, _Project]] = field(default_factory=dict)

    def cell(self, row: int, label: str) -> Cell:
        """The cell of a column in a row (单元格)."""
        return self.sheet.cell(row, self.columns[label])

    def text(self, row: int, label: str) -> str:
        """The text of a cell, blanks and line breaks folded (单元格文字)."""
        return " ".join(text_of(self.cell(row, label).value).split())

    def complain(self, row: int, label: str, sentence: str) -> None:
        """Name a broken cell (登记问题)."""
        self.problems.append(f"{place(self.cell(row, label))}：{sentence}")

    def take(self, row: int) -> None:
        """Take one row (登记一行): add its project and indicator, or say what is wrong. A row without a project is skipped.

        A row that only names a department is one nobody has filled in.
        """
        named = [label for label in self.columns if label not in ("部门编码", "部门名称")]
        if all(blank(self.cell(row, label).value) for label in named):
            return
        before = len(self.problems)
        self._check_texts(row)
        code = self._department(row)
        name = self.text(row, "项目名称")
        if not name:
            self.complain(row, "项目名称", "没有项目名称，请补填；同一项目的每一行都要填写。")
        if len(self.problems) > before:
            return
        held = self.projects.setdefault(code, {})
        project = held.setdefault(folded(name), _Project(row, name))
        self._shared(row, code, project)
        if any(not blank(self.cell(row, label).value) for label in INDICATOR_AND_MORE):
            indicator = self._indicator(row, project)
            if indicator is not None:
                project.indicators.append(indicator)

    def _check_texts(self, row: int) -> None:
        for label in self.columns:
            cell = self.cell(row, label)
            if label not in (BUDGET, "权重", "指标值") and self.book.uncomputed(cell):
                self.complain(row, label, "是公式但没有计算结果，请改为数值后重新导入。")
            elif len(self.text(row, label)) > _LONGEST.get(label, 400):
                self.complain(row, label, f"超过{_LONGEST.get(label, 400)}个字，请缩短。")

    def _department(self, row: int) -> str:
        code, name = self.text(row, "部门编码"), self.text(row, "部门名称")
        if not code:
            self.complain(row, "部门编码", "没有部门编码，无法确定属于哪个部门，请补填。")
        elif code not in self.departments:
            self.complain(row, "部门编码", f"部门编码“{code[:40]}”不在本年度名册中，请核对编码或者先更新名册。")
        elif name and folded(name) != folded(self.departments[code]):
            known = self.departments[code]
            self.complain(row, "部门名称", f"编码{code}在名册中是“{known}”，此处为“{name[:40]}”，请核对。")
        return code

    def _shared(self, row: int, code: str, project: _Project) -> None:
        """What belongs to the project: told on one row, or alike on several."""
        budget = self._number(row, BUDGET, MOST_MONEY)
        told = {"项目编码": self.text(row, "项目编码"), GOAL: self.text(row, GOAL)}
        for label, attribute, value in (
            ("项目编码", "code", told["项目编码"]),
            (BUDGET, "budget", budget),
            (GOAL, "goal", told[GOAL]),
        ):
            known = getattr(project, attribute)
            if value in (None, ""):
                continue
            if known not in (None, "") and known != value:
                shown = trimmed(known) if isinstance(known, Decimal) else known[:40]
                self.complain(row, label, f"与第{project.row}行同一项目“{project.name}”所填的“{shown}”不一致，请统一。")
                continue
            setattr(project, attribute, value)
        for other in self.projects[code].values():
            if other is not project and project.code and other.code == project.code:
                self.complain(
                    row, "项目编码", f"与第{other.row}行项目“{other.name}”的编码相同，请核对编码或者统一名称。"
                )

    def _indicator(self, row: int, project: _Project) -> ApprovedIndicator | None:
        before = len(self.problems)
        for label in INDICATOR:
            if blank(self.cell(row, label).value):
                self.complain(row, label, f"没有填写{label}，请补填；没有批复指标的项目请清空该行的指标各栏。")
        operator = operator_of(self.text(row, "指标性质"))
        if operator is None and self.text(row, "指标性质"):
            shown = self.text(row, "指标性质")[:20]
            self.complain(row, "指标性质", f"“{shown}”无法识别，请从{'、'.join(SIGNS)}中选择。")
        weight = self._number(row, "权重", 100)
        target = self._target(row, operator) if operator is not None else ""
        level2, name = self.text(row, "二级指标"), self.text(row, "三级指标")
        for other in project.indicators:
            if (folded(other.level2), folded(other.name)) == (folded(level2), folded(name)):
                self.complain(row, "三级指标", f"“{name[:40]}”与第{other.row}行重复，请删除多余的行。")
        if len(self.problems) > before or operator is None:
            return None
        return ApprovedIndicator(
            level1=self.text(row, "一级指标"),
            level2=level2,
            name=name,
            operator=operator,
            target=target,
            unit=self.text(row, "度量单位"),
            weight=weight,
            row=row,
        )

    def _target(self, row: int, operator: Operator) -> str:
        """The target: words as they are, a number without trailing zeros."""
        if operator is Operator.TEXT:
            return self.text(row, "指标值")
        number = self._number(row, "指标值", None)
        return trimmed(number) if number is not None else ""

    def _number(self, row: int, label: str, most: int | None) -> Decimal | None:
        """A number, also where it was pasted as text; what is none, or out of bounds, is named."""
        cell = self.cell(row, label)
        pasted = (
            unicodedata.normalize("NFKC", text_of(cell.value)).replace(",", "") if isinstance(cell.value, str) else ""
        )
        number = Decimal(pasted) if _NUMBER.fullmatch(pasted) else number_in(self.book, cell)
        if isinstance(number, str):
            self.problems.append(number)
            return None
        if number is not None and most is not None and not 0 <= number <= most:
            self.complain(row, label, f"{trimmed(number)}不在0至{most}之间，请核对单位和数值。")
            return None
        return number

    def finished(self) -> dict[str, tuple[ApprovedProject, ...]]:
        """The projects by department (各部门的项目), in the order of the workbook."""
        return {
            code: tuple(
                ApprovedProject(
                    name=one.name,
                    code=one.code,
                    budget=one.budget,
                    goal=one.goal,
                    indicators=tuple(one.indicators),
                    row=one.row,
                )
                for one in held.values()
            )
            for code, held in self.projects.items()
        }
