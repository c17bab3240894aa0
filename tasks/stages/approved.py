"""What was approved (批复的绩效目标和预算): the version in force, and what a version says about a department."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.approved import ApprovedIndicator, ApprovedProject
from models.records import ApprovedIndicatorRecord, ApprovedProjectRecord, Cycle, Department, TargetVersion


def in_force(db: Session, cycle: Cycle) -> TargetVersion | None:
    """The newest version of a year (现行批复版本), None while nothing was imported."""
    chosen = select(TargetVersion).where(TargetVersion.cycle_id == cycle.id)
    return db.exec(chosen.order_by(col(TargetVersion.number).desc())).first()


def numbered(db: Session, cycle: Cycle, number: int) -> TargetVersion | None:
    """A version by its number (按版本号查批复), None where there is none."""
    chosen = select(TargetVersion).where(TargetVersion.cycle_id == cycle.id, TargetVersion.number == number)
    return db.exec(chosen).first()


def of_version(db: Session, version: TargetVersion) -> dict[str, tuple[ApprovedProject, ...]]:
    """What a version says (批复内容), by department code, in the order of the workbook."""
    chosen = (
        select(ApprovedProjectRecord, Department.code)
        .join(Department, col(Department.id) == col(ApprovedProjectRecord.department_id))
        .where(ApprovedProjectRecord.version_id == version.id)
        .order_by(col(ApprovedProjectRecord.row))
    )
    found: dict[str, tuple[ApprovedProject, ...]] = {}
    for project, code in db.exec(chosen).all():
        found[code] = (*found.get(code, ()), _project(db, project))
    return found


def of_department(db: Session, version: TargetVersion | None, department: Department) -> tuple[ApprovedProject, ...]:
    """What a version says about one department (一个部门的批复内容); empty without a version."""
    if version is None:
        return ()
    chosen = select(ApprovedProjectRecord).where(
        ApprovedProjectRecord.version_id == version.id, ApprovedProjectRecord.department_id == department.id
    )
    return tuple(_project(db, row) for row in db.exec(chosen.order_by(col(ApprovedProjectRecord.row))).all())


def _project(db: Session, row: ApprovedProjectRecord) -> ApprovedProject:
    chosen = select(ApprovedIndicatorRecord).where(ApprovedIndicatorRecord.project_id == row.id)
    lines = db.exec(chosen.order_by(col(ApprovedIndicatorRecord.row))).all()
    return ApprovedProject(
        name=row.name,
        code=row.code,
        budget=row.budget,
        goal=row.goal,
        row=row.row,
        indicators=tuple(ApprovedIndicator(**line.model_dump(exclude={"id", "project_id"})) for line in lines),
    )
