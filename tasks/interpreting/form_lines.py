"""Indicator tables and rubric tables (绩效指标表、评价指标体系表): one header, then one line a row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypedDict

from models.document import Cell
from models.facts import IndicatorLine, Operator, RubricLine
from tasks.interpreting.found import Claim, Found, ProjectDraft
from tasks.interpreting.grid import Grid, Header, place_of, read_header, trust
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import decimal_of, is_not_applicable, operator_of, plain_signs, quantity
from tasks.interpreting.text import bare_label, folded, squeezed

LEVELS = ("level1", "level2", "level3")
KEPT = (*LEVELS, "operator", "target", "target_adjusted", "unit", "actual", "weight", "score", "reason")
# The line for budget execution that some forms put among the indicators.
EXECUTION = re.compile(r"(部门|项目)?(整体)?(预算|资金)执行(率|情况|进度)?")


class _Target(TypedDict):
    operator: Operator | None
    target: Decimal | None
    unit: str | None
    target_text: str | None


def line_header(grid: Grid, row: int) -> Header | None:
    """The header of an indicator or rubric table that begins in this row, or None (指标表头)."""

    def enough(columns: dict[str, Cell], _known: int) -> bool:
        levels = sum(name in columns for name in LEVELS)
        values = sum(name in columns for name in ("target", "actual", "weight", "score"))
        return (levels >= 2 and values >= 1) or (levels == 1 and "level3" in columns and values >= 2)

    header = read_header(grid, row, lexicon().indicator_columns, enough)
    return _with_own_weight(header) if header is not None else None


def _with_own_weight(header: Header) -> Header:
    """Of several columns 分值 (one behind each level) the lines' own is the first behind the last level."""
    last = max(header.columns[name].column for name in LEVELS if name in header.columns)
    weights = [cell for cell in header.cells if lexicon().indicator_columns.name(cell.text) == "weight"]
    behind = [cell for cell in weights if cell.column > last]
    if len(weights) < 2 or not behind:
        return header
    return replace(header, columns={**header.columns, "weight": behind[0]})


def read_lines(grid: Grid, header: Header, project: ProjectDraft | None, report: str, found: Found) -> int:
    """Read the rows below a header; returns the first row that is no longer part of it (指标行).

    A header with a target or a completion makes indicators, one with only weight and score makes a rubric.
    """
    return _Lines(grid, header, project, report, found).read()


def is_total_row(grid: Grid, row: int) -> bool:
    """Whether the first filled cell of a row says 合计 or 总分 (合计行)."""
    cells = grid.filled(row)
    return bool(cells) and lexicon().total_rows.name(cells[0].text) is not None and len(cells) <= 5


def claim_total(project: ProjectDraft | None, report: str, cell: Cell | None, found: Found) -> None:
    """Keep a total as the self-score of the project, or as a claim of the department's report (自评总分)."""
    if cell is None:
        return
    if project is not None:
        project.put_cell("self_score", decimal_of(cell.text), cell)
    else:
        found.claims.append(Claim("self_score", folded(cell.text), place_of(cell), report, weight=3))


def level_text(text: str) -> str:
    """The name of an indicator level without its points and list number (指标级次): ``产出指标（50分）`` is 产出指标."""
    name = re.sub(r"[（(]?\s*\d+(?:\.\d+)?\s*(?:分|%|％)\s*[）)]?\s*$", "", squeezed(text))
    name = re.sub(r"\(\d+(?:\.\d+)?\)$", "", name)
    return re.sub(
        r"^(?:[一二三四五六七八九十]+[、.]|\([一二三四五六七八九十\d]+\)|[A-Z]\d*\.?(?=[\u4e00-\u9fff]))", "", name
    )


@dataclass
class _Lines:
    """The pass over one section of lines. ``levels`` are the level names in force, by column."""

    grid: Grid
    header: Header
    project: ProjectDraft | None
    report: str
    found: Found
    levels: dict[str, str] = field(default_factory=dict)

    def read(self) -> int:
        is_rubric = "target" not in self.header.columns and "actual" not in self.header.columns
        row = self.header.bottom + 1
        while row < self.grid.height and not self._ends(row) and not self._is_closing_pair(row):
            row += 1
            if is_total_row(self.grid, row - 1):
                if self._is_subtotal(row - 1):
                    continue
                self._total(row - 1)
                break
            if self._repeats_header(row - 1):
                continue
            cells = {name: self.header.cell(self.grid, name, row - 1) for name in self.header.columns}
            self._carry_levels(cells)
            if is_rubric:
                self._rubric_line(row - 1, cells)
            else:
                self._indicator_line(row - 1, cells)
        self._ask_about_unknown_labels()
        return row

    def _ends(self, row: int) -> bool:
        cells = self.grid.filled(row)
        if not cells or is_total_row(self.grid, row) or self._repeats_header(row):
            return False
        words, first = lexicon(), cells[0]
        named = words.text_rows.name(first.text) or words.pairs.name(first.text)
        if named is not None and len(cells) <= 4 and first.column == 1:
            return True
        return words.pairs.name(first.text) == "project_name" or line_header(self.grid, row) is not None

    def _is_closing_pair(self, row: int) -> bool:
        """自评得分 | 97.3 | 自评等级 | 优: label and value side by side, a row of the form and none of this section."""
        cells = self.grid.starts(row)
        numbers = [cell for cell in cells if decimal_of(cell.text) is not None]
        is_pair = len(cells) >= 2 and lexicon().pairs.name(cells[0].text) == "self_score"
        return is_pair and numbers == [cells[1]]

    def _is_subtotal(self, row: int) -> bool:
        return lexicon().subtotal_rows.name(self.grid.filled(row)[0].text) is not None

    def _repeats_header(self, row: int) -> bool:
        texts = {squeezed(cell.text) for cell in self.grid.filled(row)}
        heads = {squeezed(cell.text) for cell in self.header.columns.values()}
        return len(texts & heads) >= 3

    def _carry_levels(self, cells: dict[str, Cell | None]) -> None:
        """A blank left cell means the one above it, in files that leave merged cells apart; a new first level ends
        the second."""
        for name, deeper in (("level1", "level2"), ("level2", "level3")):
            text = _text(cells.get(name))
            if text and text != self.levels.get(name):
                self.levels[name] = text
                self.levels.pop(deeper, None)

    def _level(self, name: str) -> str | None:
        return level_text(self.levels.get(name, "")) or None

    def _indicator_line(self, row: int, cells: dict[str, Cell | None]) -> None:
        name_cell = cells.get("level3") or cells.get("level2")
        own = (cells.get(name) for name in ("level3", "target", "actual", "weight", "score"))
        if name_cell is None or not any(cell and cell.row - 1 == row and squeezed(cell.text) for cell in own):
            return
        if _is_placeholder(cells):
            return
        if self.project is not None and EXECUTION.fullmatch(bare_label(self._level("level1") or "")):
            self._execution_line(cells)
            return
        target, sure = self._target(cells)
        actual = plain_signs(_text(cells.get("actual")) or "")
        done = quantity(actual) if actual and not is_not_applicable(actual) else None
        self.found.indicators.append(
            IndicatorLine(
                project=self.project.name if self.project else None,
                report=self.report,
                level1=self._level("level1"),
                level2=self._level("level2"),
                level3=_text(cells.get("level3")),
                operator=target["operator"],
                target=target["target"],
                unit=target["unit"],
                target_text=target["target_text"],
                actual=done.value if done is not None else None,
                actual_text=actual or None,
                weight=self._own_number(row, cells, "weight"),
                score=self._own_number(row, cells, "score"),
                reason=_text(cells.get("reason")),
                source=place_of(name_cell),
                places={name: place_of(cell) for name, cell in cells.items() if cell is not None and name in KEPT},
                confidence=trust((cells.get(name) for name in KEPT), sure),
            )
        )

    def _target(self, cells: dict[str, Cell | None]) -> tuple[_Target, Decimal | None]:
        """Operator, target, unit and printed target (指标值), from one cell or from three, and how sure the unit is."""
        operator, unit = cells.get("operator"), _text(cells.get("unit"))
        printed = plain_signs(_text(cells.get("target_adjusted")) or _text(cells.get("target")) or "")
        sign: Operator | None = None
        if operator is not None:
            sign, known = operator_of(operator.text)
            if not known:
                message = f"指标性质“{folded(operator.text)}”不能识别，请确认是≥、≤、=还是定性。"
                self.found.ask("operator", message, place_of(operator))
        value = quantity(printed) if printed and not is_not_applicable(printed) else None
        if value is None or sign is Operator.TEXT:
            words = Operator.TEXT if printed or sign is Operator.TEXT else None
            return {"operator": words, "target": None, "unit": unit, "target_text": printed or None}, None
        target: _Target = {
            "operator": sign or value.operator,
            "target": value.value,
            "unit": unit or value.unit,
            "target_text": printed,
        }
        return target, Decimal(str(value.sure)) if value.sure < 1 and not unit else None

    def _own_number(self, row: int, cells: dict[str, Cell | None], name: str) -> Decimal | None:
        """A number that belongs to this row alone: one that is merged over several lines belongs to none of them."""
        cell = cells.get(name)
        if cell is None:
            return None
        value = decimal_of(cell.text)
        if value is not None and cell.row_span > 1 and self._is_shared(cell):
            if cell.row - 1 == row:
                message = f"“{folded(cell.text)}”合并在{cell.row_span}行上，不能分到各项指标，请逐项确认。"
                self.found.ask(name, message, place_of(cell))
            return None
        if value is None and squeezed(cell.text) and not is_not_applicable(cell.text):
            message = f"“{folded(cell.text)}”不是单独的数字，未读作分值或得分，请确认。"
            self.found.ask(name, message, place_of(cell))
        return value

    def _is_shared(self, cell: Cell) -> bool:
        return any(len(self.grid.filled(row)) >= 2 for row in range(cell.row, cell.row - 1 + cell.row_span))

    def _execution_line(self, cells: dict[str, Cell | None]) -> None:
        for name, column in (
            ("execution_weight", "weight"),
            ("execution_score", "score"),
            ("execution_rate", "actual"),
        ):
            cell = cells.get(column)
            if cell is not None and self.project is not None:
                self.project.put_cell(name, decimal_of(cell.text), cell)

    def _rubric_line(self, row: int, cells: dict[str, Cell | None]) -> None:
        name_cell = next((cell for name in reversed(LEVELS) if (cell := cells.get(name)) and squeezed(cell.text)), None)
        numbers = [cells.get("weight"), cells.get("score")]
        if name_cell is None or not any(cell and cell.row - 1 == row for cell in (name_cell, *numbers)):
            return
        self.found.rubric.append(
            RubricLine(
                level1=self._level("level1"),
                level2=self._level("level2"),
                level3=level_text(folded(name_cell.text)),
                weight=self._own_number(row, cells, "weight"),
                score=self._own_number(row, cells, "score"),
                report=self.report,
                source=place_of(name_cell),
                places={name: place_of(cell) for name, cell in cells.items() if cell is not None and name in KEPT},
                confidence=trust([name_cell, *numbers]),
            )
        )

    def _total(self, row: int) -> None:
        """The score in a 合计/总分 row (合计得分): the number under the score column, or the only one that is no weight."""
        numbers = [cell for cell in self.grid.filled(row) if decimal_of(cell.text) is not None]
        score, weight = (self.header.cell(self.grid, name, row) for name in ("score", "weight"))
        if score in numbers:
            claim_total(self.project, self.report, score, self.found)
        elif len(numbers) == 1 and numbers[0] is not weight:
            claim_total(self.project, self.report, numbers[0], self.found)
        elif len(numbers) > 1:
            self.found.ask("self_score", "合计行有几个数，不能确定哪个是自评总分，请确认。", place_of(numbers[-1]))

    def _ask_about_unknown_labels(self) -> None:
        for cell in self.header.unknown:
            if lexicon().ignored.name(cell.text) is None and lexicon().text_rows.name(cell.text) is None:
                self.found.ask("table_header", f"表头“{folded(cell.text)}”不认识，该列没有读取。", place_of(cell))


def _is_placeholder(cells: dict[str, Cell | None]) -> bool:
    """A line such as 指标2 or …… that the template printed and nobody filled in."""
    name = squeezed(_text(cells.get("level3")) or "")
    filled = any(_text(cells.get(one)) for one in ("target", "actual", "weight", "score"))
    return not filled and bool(re.fullmatch(lexicon().quantities["placeholders"], name))


def _text(cell: Cell | None) -> str | None:
    return folded(cell.text) or None if cell is not None else None
