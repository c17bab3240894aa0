"""Reading one table (读一张表): find its sections by their labels, hand each to its reader, list what nobody knew."""

from __future__ import annotations

from models.document import Cell, Table
from tasks.interpreting.form_budget import budget_header, fund_header, noted_unit, read_budget, read_funds
from tasks.interpreting.form_lines import claim_total, is_total_row, line_header, read_lines
from tasks.interpreting.form_lists import function_header, list_header, read_functions, read_list
from tasks.interpreting.form_rows import project_of_row, read_budget_pairs, read_pairs, read_text_row
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.grid import Grid
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import decimal_of
from tasks.interpreting.text import folded, squeezed

LONGEST_PAIR = 24


class FormReader:
    """One pass over a table from top to bottom (逐行读表). ``project`` is the project its lines belong to, if any."""

    def __init__(self, table: Table, report: str, project: ProjectDraft | None, caption: str) -> None:
        self.grid = Grid(table)
        self.report = report
        self.project = project
        self.found = Found()
        self.unit = _table_unit(table) or noted_unit(caption)
        self.unread: list[int] = []
        self.recognised = 0
        self._budget_columns: dict[int, str] = {}

    def read(self) -> Found:
        """Everything the table says, and questions for what it says in unknown words."""
        row = 0
        while row < self.grid.height:
            after = self._section(row)
            if after is not None:
                self.recognised += 1
                row = max(after, row + 1)
                continue
            if self._single_row(row):
                self.recognised += 1
            elif not self._explained(row):
                self.unread.append(row)
            row += 1
        self._report_unread()
        return self.found

    def _section(self, row: int) -> int | None:
        """Read the section whose header begins here; the first row after it, or None where none begins."""
        grid, found = self.grid, self.found
        if header := list_header(grid, row):
            return read_list(grid, header, self.report, self.unit, found)
        if header := line_header(grid, row):
            return read_lines(grid, header, self.project, self.report, found)
        if header := function_header(grid, row):
            return read_functions(grid, header, self.unit, found)
        if header := budget_header(grid, row):
            return read_budget(grid, header, self.project, self.report, self.unit, found)
        if header := fund_header(grid, row):
            return read_funds(grid, header, self.project, self.report, self.unit, found)
        return None

    def _single_row(self, row: int) -> bool:
        started = project_of_row(self.grid, row, self.report)
        if started is not None:
            self.project = started
            self.found.projects.append(started)
            self._budget_columns = {}
        numbers = [cell for cell in self.grid.filled(row) if decimal_of(cell.text) is not None]
        if is_total_row(self.grid, row) and len(numbers) >= 2:
            return self._total(numbers)
        known = read_pairs(self.grid, row, self.project, self.report, self.found)
        if is_total_row(self.grid, row) and not known:
            return self._total(numbers)
        known |= read_budget_pairs(
            self.grid, row, self._budget_columns, self.project, self.report, self.unit, self.found
        )
        return read_text_row(self.grid, row, self.project, self.report, self.found) or known

    def _total(self, numbers: list[Cell]) -> bool:
        """A total that stands outside the lines (``总分 | 100 | 95``): its last number is the score."""
        claim_total(self.project, self.report, numbers[-1] if numbers else None, self.found)
        return True

    def _explained(self, row: int) -> bool:
        """Whether a row without facts is known to have none: blank, a title, goals, tasks, or a named side label."""
        cells = [cell for cell in self.grid.row(row) if squeezed(cell.text)]
        if not cells or len(self.grid.row(row)) == 1 or (len(cells) == 1 and row < 4):
            return True
        return any(_is_known_label(cell) for cell in cells[:2])

    def _report_unread(self) -> None:
        table = self.grid.table
        if not self.recognised:
            text = folded(" ".join(cell.text for cell in table.cells if squeezed(cell.text)))[:40]
            self.found.ask("table", f"第{table.number}个表格未识别，没有读取（开头：{text}）。", table.place)
        elif self.unread:
            rows = "、".join(str(row + 1) for row in self.unread[:12]) + ("等" if len(self.unread) > 12 else "")
            self.found.ask("table", f"第{table.number}个表格的第{rows}行未识别，没有读取，请查看。", table.place)


def _is_known_label(cell: Cell) -> bool:
    """Whether a label is known: itself, before its colon, or as two labels that a page end ran together."""
    plain = squeezed(cell.text)
    if _known(plain) or _known(plain.split(":")[0]):
        return True
    cuts = range(2, len(plain) - 1) if len(plain) <= LONGEST_PAIR else range(0)
    return any(_known(plain[:cut]) and _known(plain[cut:]) for cut in cuts)


def _known(text: str) -> bool:
    words = lexicon()
    groups = (words.ignored, words.pairs, words.text_rows, words.fund_rows, words.budget_columns)
    return any(group.name(text) is not None for group in groups)


def _table_unit(table: Table) -> str | None:
    return next((unit for cell in table.cells if len(cell.text) < 40 and (unit := noted_unit(cell.text))), None)
