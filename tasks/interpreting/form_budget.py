"""Budget execution sections (预算执行情况): amounts by column and by source of funds, for a project or a department."""

from __future__ import annotations

import re
from decimal import Decimal

from models.document import Cell
from models.facts import MoneyFact
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.grid import Grid, Header, place_of, read_header, trust
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import NUMBER, decimal_of, in_ten_thousands, is_not_applicable
from tasks.interpreting.text import folded, notes_of, squeezed

AMOUNTS = ("initial", "adjusted", "annual", "arrived", "executed")
ASSUMED_UNIT = Decimal("0.80")
UNIT_NOTE = re.compile(r"(?:金额)?单位[:：]?(?:人民币)?(亿元|万元|千元|百万元|元)|[(（](亿元|万元|千元|百万元|元)[)）]")
# Rows inside a department's section that are parts of its spending, not sources: columns -> money key.
PARTS = {
    "basic": {"initial": "budget_basic", "executed": "basic"},
    "project": {"initial": "budget_project", "executed": "project"},
    "personnel": {"initial": "budget_personnel", "executed": "personnel"},
    "public": {"initial": "budget_public", "executed": "public"},
}
DEPARTMENT_TOTALS = {
    "initial": "budget_initial",
    "annual": "budget_adjusted",
    "adjusted": "budget_adjusted",
    "executed": "expenditure_total",
}


def budget_header(grid: Grid, row: int) -> Header | None:
    """The header of a budget section that begins in this row, or None (预算执行表头)."""

    def enough(columns: dict[str, Cell], _known: int) -> bool:
        amounts = sum(name in columns for name in AMOUNTS)
        return amounts >= 2 or (amounts == 1 and "rate" in columns)

    def names_rows(cell: Cell, bottom: int) -> bool:
        # The head over 总额, 其中… (年度预算数（万元）) only looks like an amount.
        below = grid.under(cell, bottom + 1) if bottom + 1 < grid.height else None
        return below is not None and below.row - 1 > bottom and lexicon().fund_rows.name(below.text) is not None

    header = read_header(grid, row, lexicon().budget_columns, enough, skip=names_rows)
    return header if header is not None and header.bottom + 1 < grid.height else None


def read_budget(
    grid: Grid, header: Header, project: ProjectDraft | None, report: str, unit: str | None, found: Found
) -> int:
    """Read the rows of a budget section; returns the first row after it (预算执行各行)."""
    unit = section_unit(grid, header) or unit
    row = header.bottom + 1
    seen_total = False
    while row < grid.height:
        label = _row_label(grid, header, row)
        name = lexicon().fund_rows.name(label.text) if label is not None else None
        if name is None:
            if seen_total or not _amounts(grid, header, row, unit):
                break
            name = "total"
        if name == "total" and seen_total:
            name = "other_total"
        seen_total = seen_total or name == "total"
        _read_row(grid, header, row, name, project, report, unit, found)
        row += 1
    return row


def fund_header(grid: Grid, row: int) -> Header | None:
    """A row of sources side by side over their amounts (``资金总额 | 财政拨款 | 其他资金``), or None (资金来源横排)."""

    def enough(columns: dict[str, Cell], _known: int) -> bool:
        return "total" in columns and len(columns) >= 2

    header = read_header(grid, row, lexicon().fund_rows, enough, depth=1)
    if header is None or row + 1 >= grid.height or amount(grid.under(header.columns["total"], row + 1), None) is None:
        return None
    return header


def read_funds(
    grid: Grid, header: Header, project: ProjectDraft | None, report: str, unit: str | None, found: Found
) -> int:
    """Read the amounts under a row of sources; the side label says which amounts they are (资金来源金额)."""
    unit = section_unit(grid, header) or unit
    side = [lexicon().budget_columns.name(cell.text) for cell in grid.row(header.top)[:2]]
    column = next((name for name in side if name in AMOUNTS), "annual")
    row = header.bottom + 1
    for name, head in header.columns.items():
        cell = grid.under(head, row)
        value = amount(cell, unit)
        if cell is None or value is None:
            continue
        if name == "total" and project is not None:
            put_project_amounts(project, {column: (value, cell)}, found)
            continue
        key = DEPARTMENT_TOTALS.get(column) if name == "total" else f"fund_{name}_{column}"
        if key is not None:
            sure = trust([cell], None if unit else ASSUMED_UNIT)
            found.money.append(MoneyFact(key=key, value=value, report=report, source=place_of(cell), confidence=sure))
    return row + 1


def _row_label(grid: Grid, header: Header, row: int) -> Cell | None:
    """The cell left of the amounts that names the row."""
    first = min(cell.column for cell in header.columns.values())
    left = [cell for cell in grid.filled(row) if cell.column < first]
    named = [cell for cell in left if lexicon().fund_rows.name(cell.text)]
    return named[-1] if named else (left[-1] if left else None)


def section_unit(grid: Grid, header: Header) -> str | None:
    """The money unit printed in the header or beside it (金额单位)."""
    near = [cell for row in range(header.top, header.bottom + 2) if row < grid.height for cell in grid.row(row)]
    units = [note for cell in near for note in notes_of(cell.text) if note in lexicon().quantities["money_units"]]
    return units[0] if units else None


def noted_unit(text: str) -> str | None:
    """The unit that a note such as ``单位：万元`` gives (单位说明), or None."""
    found = UNIT_NOTE.search(squeezed(text))
    return (found[1] or found[2]) if found else None


def amount(cell: Cell | None, unit: str | None) -> Decimal | None:
    """The amount of a cell in 万元; its own unit goes before that of the header; without any, 万元 is assumed."""
    if cell is None:
        return None
    found = re.fullmatch(rf"[¥￥]?({NUMBER})(亿元|万元|千元|百万元|元|亿|万)?", squeezed(cell.text))
    return in_ten_thousands(found[1], found[2] or unit or "万元") if found else None


def _amounts(grid: Grid, header: Header, row: int, unit: str | None) -> dict[str, tuple[Decimal, Cell]]:
    result = {}
    for name in AMOUNTS:
        cell = header.cell(grid, name, row)
        value = amount(cell, unit)
        if cell is not None and value is not None:
            result[name] = (value, cell)
    return result


def _read_row(
    grid: Grid,
    header: Header,
    row: int,
    name: str,
    project: ProjectDraft | None,
    report: str,
    unit: str | None,
    found: Found,
) -> None:
    amounts = _amounts(grid, header, row, unit)
    own_units = all(re.search(r"元|亿|万", cell.text) for _, cell in amounts.values())
    sure = None if unit or own_units else ASSUMED_UNIT
    _ask_about_words(grid, header, row, found)
    if name == "total" and project is not None:
        put_project_amounts(project, amounts, found)
        project.confidence = trust([cell for _, cell in amounts.values()], sure)
        for column, field in (("rate", "execution_rate"), ("weight", "execution_weight"), ("score", "execution_score")):
            cell = header.cell(grid, column, row)
            if cell is not None:
                project.put_cell(field, decimal_of(cell.text), cell)
        return
    if name == "total" and holds_adjustment(amounts):
        _ask_about_adjustment(amounts, found)
    for column, key in _keys(name, amounts, project is not None).items():
        value, cell = amounts[column]
        found.money.append(
            MoneyFact(key=key, value=value, report=report, source=place_of(cell), confidence=trust([cell], sure))
        )


def _keys(name: str, amounts: dict[str, tuple[Decimal, Cell]], is_project: bool) -> dict[str, str]:
    lies = holds_adjustment(amounts)
    if name == "total" and not is_project:
        keys = {**DEPARTMENT_TOTALS, "adjusted": "budget_adjustment"} if lies else dict(DEPARTMENT_TOTALS)
        if "adjusted" in amounts and "initial" not in amounts:
            keys["annual"] = "budget_initial"
    elif name in PARTS and not is_project:
        keys = PARTS[name]
    elif name in ("total", "other_total"):
        keys = {}
    else:
        keys = {column: f"fund_{name}_{column}" for column in AMOUNTS}
        if lies:
            keys["adjusted"] = f"fund_{name}_adjustment"
    return {column: key for column, key in keys.items() if column in amounts}


def holds_adjustment(amounts: dict[str, tuple[Decimal, Cell]]) -> bool:
    """Whether 调整后预算数 holds the adjustment itself (调整额): initial + it = the year's budget, and it is not that budget."""
    if not {"initial", "adjusted", "annual"} <= amounts.keys():
        return False
    initial, adjusted, annual = (amounts[name][0] for name in ("initial", "adjusted", "annual"))
    return initial + adjusted == annual and adjusted != annual


def put_project_amounts(project: ProjectDraft, amounts: dict[str, tuple[Decimal, Cell]], found: Found) -> None:
    """Budget, adjusted budget and spending of a project (年初、调整、执行) from whichever columns the form has.

    全年预算数 is the adjusted budget where 年初预算数 stands beside it, and the budget where it stands alone.
    """
    order = {"executed": "executed", "initial": "budget"}
    if "initial" not in amounts and "annual" in amounts:
        order |= {"annual": "budget", "adjusted": "adjusted"}
    elif holds_adjustment(amounts):
        order |= {"annual": "adjusted"}
        _ask_about_adjustment(amounts, found)
    elif "adjusted" in amounts:
        order |= {"adjusted": "adjusted"}
        if "annual" in amounts and amounts["annual"][0] != amounts["adjusted"][0]:
            cell = amounts["annual"][1]
            found.ask(
                "adjusted", f"调整后预算数与全年预算数{folded(cell.text)}不同，已取前者，请确认。", place_of(cell)
            )
    else:
        order |= {"annual": "adjusted"}
    for column, field in order.items():
        if column in amounts:
            value, cell = amounts[column]
            project.put_cell(field, value, cell)


def _ask_about_adjustment(amounts: dict[str, tuple[Decimal, Cell]], found: Found) -> None:
    cell = amounts["adjusted"][1]
    message = f"“调整后预算数”栏的{folded(cell.text)}像是调整额，已按全年预算数读取，请确认。"
    found.ask("adjusted", message, place_of(cell))


def _ask_about_words(grid: Grid, header: Header, row: int, found: Found) -> None:
    for name in AMOUNTS:
        cell = header.cell(grid, name, row)
        if (
            cell is not None
            and squeezed(cell.text)
            and amount(cell, "万元") is None
            and not is_not_applicable(cell.text)
        ):
            found.ask("amount", f"“{folded(cell.text)}”不是单独的金额，没有读取，请确认。", place_of(cell))
