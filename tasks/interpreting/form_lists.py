"""Tables with one project a row (项目清单) and tables of expenditure by function (功能分类支出表)."""

from __future__ import annotations

import re

from models.document import Cell, Source
from models.facts import FunctionLine
from tasks.interpreting.form_budget import AMOUNTS, amount, put_project_amounts, section_unit
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.grid import Grid, Header, place_of, read_header, trust
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import decimal_of
from tasks.interpreting.text import bare_label, folded, squeezed

CODE = re.compile(r"^([0-9][0-9A-Z]{9,})\s*[-－—_:：]\s*(\S.*)$", re.DOTALL)


def split_code(text: str) -> tuple[str | None, str]:
    """A project's code and name (项目编码、名称): ``51090423T000008861001-办案经费``; the code is None where none stands."""
    found = CODE.match(folded(text))
    return (found[1], found[2].strip()) if found else (None, folded(text))


def list_header(grid: Grid, row: int) -> Header | None:
    """The header of a project list that begins in this row, or None (项目清单表头)."""

    def enough(columns: dict[str, Cell], known: int) -> bool:
        return "name" in columns and known >= 2

    header = read_header(grid, row, lexicon().project_list_columns, enough)
    if header is None:
        return None
    columns = header.columns.keys() - {"number", "code"}
    says_enough = len(columns) >= 3 and len(header.unknown) <= len(header.columns)
    is_short = not header.unknown and bool(columns & {*AMOUNTS, "self_score"})
    return header if says_enough or is_short else None


def read_list(grid: Grid, header: Header, report: str, unit: str | None, found: Found) -> int:
    """Read one project a row; returns the first row after the list (项目清单各行)."""
    unit = section_unit(grid, header) or unit
    row = header.bottom + 1
    while row < grid.height:
        cell = header.cell(grid, "name", row)
        if cell is not None and cell.row - 1 == row and squeezed(cell.text):
            first = grid.filled(row)[0]
            if lexicon().text_rows.name(first.text) and len(grid.filled(row)) <= 2:
                break
            if not lexicon().total_rows.name(cell.text) and lexicon().fund_rows.name(cell.text) != "total":
                _read_project(grid, header, row, cell, report, unit, found)
        row += 1
    for head in header.unknown:
        if lexicon().ignored.name(head.text) is None:
            found.ask("table_header", f"表头“{folded(head.text)}”不认识，该列没有读取。", place_of(head))
    _ask_about_amount(header, found)
    return row


def _read_project(
    grid: Grid, header: Header, row: int, cell: Cell, report: str, unit: str | None, found: Found
) -> None:
    code, name = split_code(cell.text)
    draft = ProjectDraft(name=name, code=code, source=place_of(cell), report=report, origin="list")
    amounts = {}
    for column in AMOUNTS:
        here = header.cell(grid, column, row)
        value = amount(here, unit)
        if here is not None and value is not None:
            amounts[column] = (value, here)
    put_project_amounts(draft, amounts, found)
    fields = {
        "rate": "execution_rate",
        "weight": "execution_weight",
        "self_score": "self_score",
        "score": "execution_score",
    }
    if "self_score" not in header.columns:
        fields["score"] = "self_score"
    for column, field in fields.items():
        here = header.cell(grid, column, row)
        if here is not None:
            draft.put_cell(field, decimal_of(here.text), here)
    code_cell = header.cell(grid, "code", row)
    if code_cell is not None and squeezed(code_cell.text):
        draft.code = folded(code_cell.text)
    draft.confidence = trust([cell, *(here for _, here in amounts.values())])
    found.projects.append(draft)


def _ask_about_amount(header: Header, found: Found) -> None:
    """项目金额 says neither budget nor spending: nobody but the department knows which."""
    head = header.columns.get("amount")
    if head is not None:
        found.ask("projects", f"“{folded(head.text)}”没有说明是预算数还是执行数，没有读取，请确认。", place_of(head))


def function_header(grid: Grid, row: int) -> Header | None:
    """The header of a table of expenditure by function (功能分类支出表头), or None."""
    names = [cell for cell in grid.filled(row) if lexicon().function_columns.name(cell.text)]
    if not names:
        return None
    header = read_header(grid, row, lexicon().budget_columns, lambda columns, _: any(n in columns for n in AMOUNTS))
    if header is None:
        return None
    return Header(header.top, header.bottom, {**header.columns, "name": names[0]})


def read_functions(grid: Grid, header: Header, unit: str | None, found: Found) -> int:
    """Read one class of expenditure a row (功能分类各行)."""
    unit = section_unit(grid, header) or unit
    classes = set(lexicon().money["functions"])
    row = header.bottom + 1
    while row < grid.height:
        cell = header.cell(grid, "name", row)
        budget = next(
            (header.cell(grid, n, row) for n in ("initial", "annual", "adjusted") if n in header.columns), None
        )
        actual = header.cell(grid, "executed", row)
        if cell is not None and bare_label(cell.text) in classes:
            source: Source = place_of(cell)
            values = {"budget": amount(budget, unit), "actual": amount(actual, unit)}
            if any(value is not None for value in values.values()):
                found.functions.append(FunctionLine(name=bare_label(cell.text), source=source, **values))
        row += 1
    return row
