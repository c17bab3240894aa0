"""Budgets changed during the year (年中调整预算), and headers that say something else than their column holds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, Computed, found, number, percent, place, spoken
from models.checks.material import Material
from models.checks.projects import budget_row, money_places, shown, told, where
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.numbers import trimmed
from models.statements.grids import Row

_NOTICED = Decimal(10)


def _changed(material: Material) -> Iterator[Finding]:
    for project in material.facts.projects:
        if project.budget is None or project.adjusted is None or project.budget <= 0:
            continue
        change = (project.adjusted - project.budget) / project.budget * HUNDRED
        if abs(change) < _NOTICED:
            continue
        row = budget_row(material, project)
        reason = row.under("^原因|原因$|未完成原因") if row is not None else None
        if reason and reason not in ("无", "/", "—", "-"):
            continue
        spent = f"，执行数{trimmed(project.executed)}万元" if project.executed is not None else ""
        share = project.executed / project.budget * HUNDRED if project.executed is not None else None
        of_initial = f"，为年初预算的{percent(share)}%" if share is not None else ""
        accounts = list(told(material, project))[:2]
        sentences = tuple(place(one.sentence.source, one.words) for one in accounts)
        said = "".join(f"（{spot.source.spoken()}写明“{spot.quote}”）" for spot in sentences[:1])
        blank = "原因栏空白" if reason == "" or (row is not None and reason is None) else "未见说明原因"
        message = (
            f"{where(project, 'adjusted')}{shown(project)}年初预算{trimmed(project.budget)}万元，调整后预算{trimmed(project.adjusted)}万元"
            f"{spent}{of_initial}{said}，{blank}，请补充年中调整预算的原因。"
        )
        values: Computed = {"change_percent": percent(change)}
        if share is not None:
            values["executed_of_initial"] = percent(share)
        yield found(
            "budget-changed", Severity.QUESTION, message, (*money_places(material, project), *sentences), **values
        )


CHANGED = Check(
    code="budget-changed",
    title="年中调整预算未说明原因",
    what="调整后预算与年初预算相差10%以上，而原因栏空白或表中没有说明。",
    example="年初预算100万元，调整后60万元，执行60万元，执行率100%。",
    doubt="原因可能写在正文其他位置。",
    find=_changed,
)


def _amount(row: Row, header: str) -> Decimal | None:
    text = row.under(header)
    if not text:
        return None
    bare = text.replace(",", "").removesuffix("万元").removesuffix("元")
    return Decimal(bare) if bare.replace(".", "", 1).replace("-", "", 1).isdigit() else None


def _headers(material: Material) -> Iterator[Finding]:
    for row in material.rows:
        initial, adjusted, whole = _amount(row, "^年初预算"), _amount(row, "^调整后?预算"), _amount(row, "^全年预算")
        if initial is None or adjusted is None or whole is None or not adjusted or not initial:
            continue
        if initial + adjusted == whole and adjusted != whole:
            message = (
                f"{spoken(row.source)}“调整后预算数”栏为{trimmed(adjusted)}，年初预算{trimmed(initial)}加{trimmed(adjusted)}正好等于"
                f"全年预算数{trimmed(whole)}，该栏所填似为调整额而不是调整后的预算数，请核对栏目。"
            )
            side_by_side = (
                f"{row.texts[0]}：{row.under('^年初预算')} {row.under('^调整后?预算')} {row.under('^全年预算')}（年初预算、"
                "调整后预算数、全年预算数）"
            )
            places = (place(row.source, side_by_side),)
            yield found(
                "header-mismatch", Severity.ERROR, message, places, sum=number(whole), adjusted_column=number(adjusted)
            )


HEADERS = Check(
    code="header-mismatch",
    title="栏目名称与所填内容不符",
    what="年初预算＋“调整后预算数”＝全年预算数时，“调整后预算数”一栏填的是调整额。",
    example="年初预算100，调整后预算数5，全年预算数105。",
    doubt="仅在三数正好相加时判断，几乎不会误判。",
    find=_headers,
)
