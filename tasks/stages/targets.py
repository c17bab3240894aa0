"""Taking in the approved targets and budgets (导入批复的绩效目标和预算), version by version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from models.approved import ApprovedProject, said
from models.numbers import trimmed
from models.records import (
    ApprovedIndicatorRecord,
    ApprovedProjectRecord,
    Cycle,
    Department,
    TargetVersion,
)
from models.states import CycleState
from tasks import clock, filestore, lookup, store
from tasks.stages import notice_targets
from tasks.stages.approved import in_force, of_version
from tasks.stages.figures import ImportRefusedError
from tasks.stages.scoring import digest
from tasks.writing.targets_workbook import ListedDepartment, read_targets, write_targets_template

# What adds up to neither of these is named to staff; nothing is refused, as real approvals differ.
USUAL_WEIGHTS = (90, 100)
MOST_NAMED = 8


@dataclass(frozen=True)
class Imported:
    """What an import did (导入结果): the version in force now, whether it is new, what staff should know."""

    number: int
    new: bool
    projects: int
    indicators: int
    remarks: tuple[str, ...] = ()


def targets_template(fiscal_year: int) -> bytes:
    """The form to fill in (项目绩效目标批复表): with what is in force, else with the projects of the roster."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        listed = _listed(db, cycle)
        version = in_force(db, cycle)
        known = of_version(db, version) if version is not None else {}
        return write_targets_template(fiscal_year, listed, known, author=cycle.bureau)


def import_targets(fiscal_year: int, content: bytes, name: str, who: str) -> Imported:
    """Take in a filled form (导入批复的绩效目标), all of it or nothing, as a new version; old versions stay.

    Raises ImportRefusedError naming every broken row. The same content again makes no new version. A notice that was
    prepared from an earlier version can no longer be approved: it has to be prepared anew.
    """
    who, sha256 = who.strip(), filestore.keep(content)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        listed = _listed(db, cycle)
    found = read_targets(content, fiscal_year, listed)
    if found.problems:
        raise ImportRefusedError(f"批复表“{name}”", found.problems)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        last = in_force(db, cycle)
        content_digest = digest_of(found.departments)
        if last is not None and last.digest == content_digest:
            return _imported(db, cycle, last, found.departments, new=False)
        _refuse_too_late(cycle)
        version = TargetVersion(
            cycle_id=cycle.id,
            number=last.number + 1 if last else 1,
            digest=content_digest,
            file_name=name[:200],
            sha256=sha256,
            imported_by=who[:40],
            imported_at=clock.now(),
        )
        db.add(version)
        db.flush()
        codes = {department.code: department for _, department in lookup.submissions(db, cycle)}
        for code, projects in found.departments.items():
            _put(db, version, codes[code], projects)
        old = {"number": last.number, "digest": last.digest} if last else None
        new = {"number": version.number, "digest": content_digest, "file": name, "sha256": sha256}
        store.record(db, who, "targets.imported", str(fiscal_year), old, new)
        remarks = notice_targets.after_import(db, cycle, version, who)
        made = _imported(db, cycle, version, found.departments, new=True)
        return Imported(made.number, True, made.projects, made.indicators, (*remarks, *made.remarks))


def _refuse_too_late(cycle: Cycle) -> None:
    if cycle.state in (CycleState.PUBLISHED, CycleState.RECTIFYING, CycleState.CLOSED):
        raise ImportRefusedError(
            "批复表", (f"年度处于“{cycle.state.label}”阶段，评价结果已公开，批复的绩效目标不能再变更",)
        )


def _listed(db: Session, cycle: Cycle) -> list[ListedDepartment]:
    return [ListedDepartment(d.code, d.name, tuple(d.projects)) for _, d in lookup.submissions(db, cycle)]


def digest_of(departments: Mapping[str, Sequence[ApprovedProject]]) -> str:
    """What makes two imports the same (批复内容摘要): what they say, not on which rows."""
    return digest({code: said(projects) for code, projects in departments.items()})


def _put(db: Session, version: TargetVersion, department: Department, projects: Sequence[ApprovedProject]) -> None:
    for project in projects:
        row = ApprovedProjectRecord(
            version_id=version.id,
            department_id=department.id,
            name=project.name,
            code=project.code,
            budget=project.budget,
            goal=project.goal,
            row=project.row,
        )
        db.add(row)
        db.flush()
        for line in project.indicators:
            values = line.model_dump(exclude={"operator"})
            db.add(ApprovedIndicatorRecord(project_id=row.id, operator=line.operator, **values))


def _imported(
    db: Session, cycle: Cycle, version: TargetVersion, found: Mapping[str, Sequence[ApprovedProject]], *, new: bool
) -> Imported:
    projects = [one for several in found.values() for one in several]
    without = [d.name for _, d in lookup.submissions(db, cycle) if d.code not in found]
    remarks = [f"没有批复数据的部门：{_some(without)}。"] if without else []
    odd = [
        f"{one.name}（{trimmed(one.weight)}）"
        for one in projects
        if one.weight is not None and one.weight not in USUAL_WEIGHTS
    ]
    remarks += [f"指标权重合计不是90或100的项目，请核对：{_some(odd)}。"] if odd else []
    return Imported(version.number, new, len(projects), sum(len(one.indicators) for one in projects), tuple(remarks))


def _some(names: Sequence[str]) -> str:
    more = f"等{len(names)}个" if len(names) > MOST_NAMED else ""
    return "、".join(names[:MOST_NAMED]) + more
