"""Rows of a form that are no table of their own (表单行): label and value side by side, and labelled texts."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from models.document import Cell
from models.facts import MoneyFact, Passage
from tasks.interpreting.form_budget import AMOUNTS, amount, put_project_amounts
from tasks.interpreting.form_lines import claim_total
from tasks.interpreting.form_lists import split_code
from tasks.interpreting.found import Claim, Found, ProjectDraft
from tasks.interpreting.grid import Grid, looks_like_value, place_of, trust
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.passages import split_problems_and_measures
from tasks.interpreting.quantities import decimal_of, is_not_applicable
from tasks.interpreting.text import folded, squeezed


def project_of_row(grid: Grid, row: int, report: str) -> ProjectDraft | None:
    """The project that a row 项目名称 begins (项目名称行), or None."""
    for label, value in _pairs(grid, row):
        if lexicon().pairs.name(label.text) == "project_name" and squeezed(value.text):
            code, name = split_code(value.text)
            return ProjectDraft(name=name, code=code, source=place_of(value), report=report, confidence=trust([value]))
    return None


def read_pairs(grid: Grid, row: int, project: ProjectDraft | None, report: str, found: Found) -> bool:
    """Read the label-value pairs of a row; whether it held any known label (标签—内容行)."""
    known = False
    for label, value in _pairs(grid, row):
        name = lexicon().pairs.name(label.text)
        if name is None:
            continue
        known = True
        if not squeezed(value.text) or is_not_applicable(value.text):
            continue
        if name == "project_code" and project is not None:
            project.code = folded(value.text)
        elif name == "self_score":
            if decimal_of(value.text) is not None:
                claim_total(project, report, value, found)
            else:
                found.ask("self_score", f"自评得分栏的“{folded(value.text)}”不是数字，没有读取。", place_of(value))
        elif name in ("department", "supervisor", "operator_unit", "fiscal_year", "grade"):
            found.claims.append(Claim(name, folded(value.text), place_of(value), report))
    return known


def _pairs(grid: Grid, row: int) -> list[tuple[Cell, Cell]]:
    """Labels with their values: in the cell beside them, or behind a colon in their own."""
    cells = grid.starts(row)
    labels = lexicon().pairs
    result = [
        (left, right) for left, right in pairwise(cells) if labels.name(left.text) and not labels.name(right.text)
    ]
    for cell in cells:
        inline = _inline(cell)
        if inline is not None and labels.name(inline[0].text):
            result.append(inline)
    return result


def _inline(cell: Cell) -> tuple[Cell, Cell] | None:
    """``项目名称：临时救助`` in one cell as a label and a value, both at its place; None where it is no such pair."""
    found = re.fullmatch(r"\s*([^:：\n]{2,20})[:：]\s*([^:：]+?)\s*", cell.text)
    if found is None:
        return None
    return cell.model_copy(update={"text": found[1]}), cell.model_copy(update={"text": found[2]})


def read_budget_pairs(
    grid: Grid,
    row: int,
    columns: dict[int, str],
    project: ProjectDraft | None,
    report: str,
    unit: str | None,
    found: Found,
) -> bool:
    """Amounts printed beside their labels (``预算数：466万元 执行数：465万元``), with the funds below them.

    ``columns`` remembers which label stood over which grid column, so that a row 财政拨款 knows what it is part of.
    """
    cells = grid.starts(row)
    amounts: dict[str, tuple[Decimal, Cell]] = {}
    known = _ask_about_inline(cells, found)
    inline = [pair for cell in cells if (pair := _inline(cell)) is not None]
    for label, value in [*pairwise(cells), *inline]:
        name = lexicon().budget_columns.name(label.text)
        fund = lexicon().fund_rows.name(label.text)
        if not looks_like_value(value.text) and squeezed(value.text):
            continue
        if name in AMOUNTS:
            known = True
            columns[label.column] = name
            number = amount(value, unit)
            if number is not None:
                amounts[name] = (number, value)
        elif name == "rate" and project is not None and squeezed(value.text):
            known = True
            project.put_cell("execution_rate", decimal_of(value.text), value)
        elif fund is not None and label.column in columns:
            known = True
            number = amount(value, unit)
            if number is not None:
                key = f"fund_{fund}_{columns[label.column]}"
                found.money.append(MoneyFact(key=key, value=number, report=report, source=place_of(value)))
    if project is not None and amounts:
        put_project_amounts(project, amounts, found)
    return known


INLINE = re.compile(r"(?:其中[:：]?)?([\u4e00-\u9fff]{3,14})[:：](?:([\d,.]+)(?:万元|元)?)?")


def _ask_about_inline(cells: list[Cell], found: Found) -> bool:
    """``基本支出：2400`` inside one cell: neither budget nor spending is said, so a person has to."""
    known = False
    for cell in cells:
        inline = INLINE.fullmatch(squeezed(cell.text))
        label = inline[1] if inline else ""
        if inline is None or not (lexicon().fund_rows.name(label) or label.startswith("按")):
            continue
        known = True
        if inline[2]:
            message = f"“{folded(cell.text)}”没有说明是预算数还是执行数，没有读取，请确认。"
            found.ask("money", message, place_of(cell))
    return known


def read_text_row(grid: Grid, row: int, project: ProjectDraft | None, report: str, found: Found) -> bool:
    """A row whose first cell is 存在问题, 改进措施 or the like and whose rest is the text (文字行)."""
    cells = grid.starts(row)
    for label, value in pairwise(cells):
        name = lexicon().text_rows.name(label.text)
        if name is None:
            continue
        text = value.text.strip()
        if not text or is_not_applicable(text):
            return True
        if re.search(lexicon().prose["template_hint"], squeezed(text)):
            message = f"“{folded(label.text)}”一栏像是表格自带的填写说明，没有读取，请确认。"
            found.ask(name, message, place_of(value))
            return True
        problem, measure = {"problems": (text, ""), "measures": ("", text)}.get(name, ("", ""))
        if name == "both":
            problem, measure = split_problems_and_measures(text)
        if name == "conclusion":
            found.claims.append(Claim("conclusion", folded(text), place_of(value), report))
        for words, rows in ((problem, found.problems), (measure, found.measures)):
            if words:
                owner = project.name if project else None
                sure = trust([value])
                rows.append(
                    Passage(text=folded(words), project=owner, report=report, source=place_of(value), confidence=sure)
                )
        return True
    return False
