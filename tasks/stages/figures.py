"""Taking in the bureau's own figures (导入财政数据) from the workbook that the software makes and checks."""

from __future__ import annotations

from decimal import Decimal

from sqlmodel import Session, select

from models.figures import BureauFigures, FigureKey
from models.numbers import plain
from models.records import BureauFigure, Cycle, Department
from tasks import clock, filestore, lookup, store
from tasks.writing.figures_workbook import read_figures, write_figures_template


class ImportRefusedError(ValueError):
    """A workbook was refused as a whole (导入被拒绝); ``problems`` names every cell that is wrong."""

    def __init__(self, what: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        shown = "；".join(p.rstrip("。；") for p in problems[:20])
        more = f"；另有{len(problems) - 20}处" if len(problems) > 20 else ""
        super().__init__(f"{what}有{len(problems)}处问题，未导入任何内容：{shown}{more}。请改正后重新导入。")


def figures_template(fiscal_year: int) -> bytes:
    """The workbook to fill in (财政数据填报模板), one row a department, with what is already known."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        departments = [d for _, d in lookup.submissions(db, cycle)]
        known = {d.code: bureau_figures(lookup.figures_of(db, cycle, d), d.code, fiscal_year) for d in departments}
    return write_figures_template(fiscal_year, [(d.code, d.name) for d in departments], known)


def import_figures(fiscal_year: int, content: bytes, name: str, who: str) -> int:
    """Take in a filled workbook (导入财政数据), all of it or nothing; returns how many figures changed.

    Raises ImportRefusedError naming every broken cell. Importing the same workbook again changes nothing.
    """
    filestore.keep(content)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        departments = {d.code: d for _, d in lookup.submissions(db, cycle)}
    found = read_figures(content, fiscal_year, tuple(departments))
    if found.problems:
        raise ImportRefusedError(f"财政数据表“{name}”", tuple(found.problems))
    changed = 0
    with store.session() as db:
        for code, figures in found.figures.items():
            for key, value in figure_texts(figures).items():
                origin = f"{name} {found.origins.get((code, key), '')}".strip()
                changed += _put(db, cycle, departments[code], key, value, origin, who)
    return changed


def _put(db: Session, cycle: Cycle, department: Department, key: str, value: str, origin: str, who: str) -> bool:
    row = db.exec(
        select(BureauFigure).where(
            BureauFigure.cycle_id == cycle.id, BureauFigure.department_id == department.id, BureauFigure.key == key
        )
    ).first()
    if row is not None and row.value == value:
        return False
    old = {"value": row.value} if row else None
    row = row or BureauFigure(
        cycle_id=cycle.id,
        department_id=department.id,
        key=key,
        value=value,
        imported_at=clock.now(),
        origin=origin[:200],
    )
    row.value, row.imported_at, row.origin = value, clock.now(), origin[:200]
    db.add(row)
    store.record(
        db, who, "figure.set", f"{cycle.fiscal_year}/{department.code}/{key}", old, {"value": value, "origin": origin}
    )
    return True


def figure_texts(figures: BureauFigures) -> dict[str, str]:
    """Figures as texts by key (数据的文本形式), as the database keeps them; absent ones are absent."""
    return {str(k): plain(v) for k, v in figures.values.items()} | {f"text:{k}": v for k, v in figures.texts.items()}


def bureau_figures(texts: dict[str, str], code: str, fiscal_year: int) -> BureauFigures:
    """Figures back from their texts (由文本还原数据)."""
    values = {FigureKey(k): Decimal(v) for k, v in texts.items() if not k.startswith("text:")}
    words = {k.removeprefix("text:"): v for k, v in texts.items() if k.startswith("text:")}
    return BureauFigures(department=code, fiscal_year=fiscal_year, values=values, texts=words)
