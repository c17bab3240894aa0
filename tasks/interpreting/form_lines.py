"""Indicator tables and rubric tables (绩效指标表、评价指标体系表): one header, then one line a row."""

from __future__ import annotations

import re
from decimal import Decimal

from models.document import Cell
from models.facts import IndicatorLine, Operator, RubricLine
from tasks.interpreting.found import Claim, Found, ProjectDraft
from tasks.interpreting.grid import Grid, Header, place_of, read_header, trust
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.quantities import decimal_of, is_not_applicable, operator_of, plain_signs, quantity
from tasks.interpreting.text import bare_label, folded, squeezed

LEVELS = ("level1", "level2", "level3")
# The line for budget execution that some forms put among the indicators.
EXECUTION = re.compile(r"(部门|项目)?(整体)?(预算|资金)执行(率|情况|进度)?")


def line_header(grid: Grid, row: int) -> Header | None:
    """The header of an indicator or rubric table that begins in this row, or None (指标表头)."""

    def enough(columns: dict[str, Cell], _known: int) -> bool:
        levels = sum(name in columns for name in LEVELS)
        values = sum(name in columns for name in ("target", "actual", "weight", "score"))
        return (levels >= 2 and values >= 1) or (levels == 1 and "level3" in columns and values >= 2)

    return read_header(grid, row, lexicon().indicator_columns, enough)


def read_lines(grid: Grid, header: Header, project: ProjectDraft | None, report: str, found: Found) -> int:
    """Read the rows below a header; returns the first row that is no longer part of it (指标行).

    A header with a target or a completion makes indicators, one with only weight and score makes a rubric.
    """
    is_rubric = "target" not in header.columns and "actual" not in header.columns
    carried: dict[str, str] = {}
    row = header.bottom + 1
    while row < grid.height:
        if _ends(grid, row):
            break
        if is_total_row(grid, row):
            row += 1
            if _is_subtotal(grid, row - 1):
                continue
            _read_total(grid, header, row - 1, project, report, found)
            break
        if not _repeats_header(grid, header, row):
            levels = _levels(grid, header, row, carried)
            if is_rubric:
                _rubric_line(grid, header, row, levels, report, found)
            else:
                _indicator_line(grid, header, row, levels, project, report, found)
        row += 1
    _ask_about_unknown_labels(header, found)
    return row


def is_total_row(grid: Grid, row: int) -> bool:
    """Whether the first filled cell of a row says 合计 or 总分 (合计行)."""
    cells = grid.filled(row)
    return bool(cells) and lexicon().total_rows.name(cells[0].text) is not None and len(cells) <= 5


def _is_subtotal(grid: Grid, row: int) -> bool:
    return lexicon().subtotal_rows.name(grid.filled(row)[0].text) is not None


def _ends(grid: Grid, row: int) -> bool:
    cells = grid.filled(row)
    if not cells:
        return False
    words = lexicon()
    first = cells[0]
    is_label = words.text_rows.name(first.text) is not None or words.pairs.name(first.text) is not None
    if is_label and len(cells) <= 4 and first.column == 1 and not is_total_row(grid, row):
        return True
    return words.pairs.name(first.text) == "project_name" or line_header(grid, row) is not None and first.row - 1 == row


def _repeats_header(grid: Grid, header: Header, row: int) -> bool:
    texts = {squeezed(cell.text) for cell in grid.filled(row)}
    heads = {squeezed(cell.text) for cell in header.columns.values()}
    return len(texts & heads) >= 3


def _levels(grid: Grid, header: Header, row: int, carried: dict[str, str]) -> dict[str, Cell | None]:
    """The level cells of a row; a blank left cell carries the one above (merged cells that a file leaves apart)."""
    cells = {name: header.cell(grid, name, row) for name in LEVELS}
    for depth, name in enumerate(LEVELS[:2]):
        cell = cells[name]
        text = level_text(cell.text) if cell is not None else ""
        if text and text != carried.get(name):
            carried[name] = text
            for deeper in LEVELS[depth + 1 : 2]:
                carried.pop(deeper, None)
    return cells


def level_text(text: str) -> str:
    """The name of an indicator level without its points and list number (指标级次名称): ``产出指标（50分）`` is 产出指标."""
    name = re.sub(r"[（(]?\s*\d+(?:\.\d+)?\s*(?:分|%|％)\s*[）)]?\s*$", "", squeezed(text))
    name = re.sub(r"\(\d+(?:\.\d+)?\)$", "", name)
    return re.sub(
        r"^(?:[一二三四五六七八九十]+[、.]|\([一二三四五六七八九十\d]+\)|[A-Z]\d*\.?(?=[\u4e00-\u9fff]))", "", name
    )


def _indicator_line(
    grid: Grid,
    header: Header,
    row: int,
    levels: dict[str, Cell | None],
    project: ProjectDraft | None,
    report: str,
    found: Found,
) -> None:
    cells = {name: header.cell(grid, name, row) for name in header.columns}
    name_cell = levels["level3"] or levels["level2"]
    own = [cells.get(name) for name in ("level3", "target", "actual", "weight", "score")]
    if name_cell is None or not any(cell is not None and cell.row - 1 == row and squeezed(cell.text) for cell in own):
        return
    carried = {name: _text(levels[name]) for name in LEVELS}
    if EXECUTION.fullmatch(bare_label(carried["level1"] or carried["level2"] or "")) and project is not None:
        _execution_line(cells, project)
        return
    fields = {name: level_text(text) or None if text else None for name, text in carried.items()}
    fields["level3"] = carried["level3"]
    places = {name: place_of(cell) for name, cell in cells.items() if cell is not None and name in _KEPT}
    target = _target(cells.get("operator"), cells.get("target"), cells.get("unit"), found)
    found.indicators.append(
        IndicatorLine(
            project=project.name if project else None,
            report=report,
            source=place_of(name_cell),
            places=places,
            confidence=trust([*levels.values(), *(cells.get(name) for name in _KEPT)], target.pop("sure")),
            reason=_text(cells.get("reason")),
            weight=_own_number(grid, cells.get("weight"), row, "weight", found),
            score=_own_number(grid, cells.get("score"), row, "score", found),
            **fields,
            **target,
            **_actual(cells.get("actual"), target),
        )
    )


_KEPT = ("level1", "level2", "level3", "operator", "target", "unit", "actual", "weight", "score", "reason")


def _text(cell: Cell | None) -> str | None:
    return folded(cell.text) or None if cell is not None else None


def _target(operator: Cell | None, target: Cell | None, unit: Cell | None, found: Found) -> dict[str, object]:
    """Operator, target, unit, printed target (指标值) from one cell or from three."""
    printed = plain_signs(target.text) if target is not None else ""
    printed_unit = folded(unit.text) if unit is not None else ""
    sign: Operator | None = None
    if operator is not None:
        sign, known = operator_of(operator.text)
        if not known:
            found.ask(
                "operator", f"指标性质“{folded(operator.text)}”不能识别，请确认是≥、≤、=还是定性。", place_of(operator)
            )
    value = quantity(printed) if printed and not is_not_applicable(printed) else None
    row: dict[str, object] = {"target_text": printed or None, "unit": printed_unit or None, "sure": None}
    if value is None or sign is Operator.TEXT:
        row["operator"] = Operator.TEXT if printed or sign is Operator.TEXT else None
        row["target"] = None
        return row
    row["operator"] = sign or value.operator
    row["target"] = value.value
    row["unit"] = printed_unit or value.unit
    if value.sure < 1:
        row["sure"] = Decimal(str(value.sure))
    return row


def _actual(cell: Cell | None, target: dict[str, object]) -> dict[str, object]:
    printed = plain_signs(cell.text) if cell is not None else ""
    value = quantity(printed) if printed and not is_not_applicable(printed) else None
    return {"actual": value.value if value is not None else None, "actual_text": printed or None}


def _own_number(grid: Grid, cell: Cell | None, row: int, name: str, found: Found) -> Decimal | None:
    """A number that belongs to this row alone: one that is merged over several lines belongs to none of them."""
    if cell is None:
        return None
    if cell.row_span > 1 and decimal_of(cell.text) is not None and _covers_lines(grid, cell):
        if cell.row - 1 == row:
            found.ask(
                name, f"“{folded(cell.text)}”合并在{cell.row_span}行上，不能分到各项指标，请逐项确认。", place_of(cell)
            )
        return None
    value = decimal_of(cell.text)
    if value is None and squeezed(cell.text) and not is_not_applicable(cell.text):
        found.ask(name, f"“{folded(cell.text)}”不是单独的数字，未读作分值或得分，请确认。", place_of(cell))
    return value


def _covers_lines(grid: Grid, cell: Cell) -> bool:
    """Whether a merged cell spans rows that hold different texts beside it (so that it is shared by several lines)."""
    rows = range(cell.row, cell.row - 1 + cell.row_span)
    return any(len(grid.filled(row)) >= 2 for row in rows)


def _execution_line(cells: dict[str, Cell | None], project: ProjectDraft) -> None:
    for name, column in (("execution_weight", "weight"), ("execution_score", "score"), ("execution_rate", "actual")):
        cell = cells.get(column)
        if cell is not None:
            project.put_cell(name, decimal_of(cell.text), cell)


def _rubric_line(
    grid: Grid, header: Header, row: int, levels: dict[str, Cell | None], report: str, found: Found
) -> None:
    cells = {name: header.cell(grid, name, row) for name in header.columns}
    name_cell = next((levels[name] for name in reversed(LEVELS) if _text(levels[name])), None)
    numbers = [cells.get("weight"), cells.get("score")]
    if name_cell is None or name_cell.row - 1 != row and not any(c is not None and c.row - 1 == row for c in numbers):
        return
    weight, score = (
        _own_number(grid, cell, row, name, found) for cell, name in zip(numbers, ("weight", "score"), strict=True)
    )
    if weight is None and score is None and not squeezed(name_cell.text):
        return
    found.rubric.append(
        RubricLine(
            level1=level_text(_text(levels["level1"]) or "") or None,
            level2=level_text(_text(levels["level2"]) or "") or None,
            level3=level_text(folded(name_cell.text)),
            weight=weight,
            score=score,
            report=report,
            source=place_of(name_cell),
            places={name: place_of(cell) for name, cell in cells.items() if cell is not None and name in _KEPT},
            confidence=trust([name_cell, *numbers]),
        )
    )


def _read_total(grid: Grid, header: Header, row: int, project: ProjectDraft | None, report: str, found: Found) -> None:
    """The score in a 合计/总分 row (合计得分): the number under the score column, or the only one that is no weight."""
    numbers = [cell for cell in grid.filled(row) if decimal_of(cell.text) is not None]
    score, weight = header.cell(grid, "score", row), header.cell(grid, "weight", row)
    if score in numbers:
        claim_total(project, report, score, found)
    elif len(numbers) == 1 and numbers[0] is not weight:
        claim_total(project, report, numbers[0], found)
    elif len(numbers) > 1:
        found.ask("self_score", "合计行有几个数，不能确定哪个是自评总分，请确认。", place_of(numbers[-1]))


def claim_total(project: ProjectDraft | None, report: str, cell: Cell | None, found: Found) -> None:
    """Keep a total as the self-score of the project, or as a claim of the department's report (自评总分)."""
    if cell is None:
        return
    if project is not None:
        project.put_cell("self_score", decimal_of(cell.text), cell)
    else:
        found.claims.append(Claim("self_score", folded(cell.text), place_of(cell), report, weight=3))


def _ask_about_unknown_labels(header: Header, found: Found) -> None:
    for cell in header.unknown:
        if lexicon().ignored.name(cell.text) is None and lexicon().text_rows.name(cell.text) is None:
            found.ask("table_header", f"表头“{folded(cell.text)}”不认识，该列没有读取。", place_of(cell))
