"""How the notice hangs on the approved targets (通知与批复目标的衔接): what its workbooks were filled from, and when that is stale."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.approved import ApprovedProject, said
from models.records import Approval, Cycle, Department, TargetVersion
from models.rules.text import folded
from models.states import CycleState, Decision, Gate
from tasks import clock, lookup, store
from tasks.stages import approved

# In a notice matter's summary: the version its workbooks were filled from, 0 where there was none.
TARGETS = "targets"
MOST_NAMED = 8


def number_in_force(db: Session, cycle: Cycle) -> int:
    """The number of the version in force (现行批复版本号), 0 while nothing was imported."""
    version = approved.in_force(db, cycle)
    return version.number if version is not None else 0


def projects_of(db: Session, cycle: Cycle, department: Department) -> tuple[ApprovedProject, ...]:
    """The projects of a department's workbook (工作簿中的项目): the approved ones, then those only the roster names."""
    told = approved.of_department(db, approved.in_force(db, cycle), department)
    known = {folded(one.name) for one in told}
    return (*told, *(ApprovedProject(name=name) for name in department.projects if folded(name) not in known))


def stale(db: Session, cycle: Cycle, matter: Approval) -> bool:
    """Whether the approved targets changed after a notice was prepared (待批通知是否已过时)."""
    if matter.summary.get("amendment") or TARGETS not in matter.summary:
        return False
    return bool(matter.summary[TARGETS] != number_in_force(db, cycle))


def issued_version(db: Session, cycle: Cycle) -> TargetVersion | None:
    """The version that the departments hold in their workbooks (随通知印发的批复版本), None where there was none."""
    chosen = select(Approval).where(
        Approval.cycle_id == cycle.id, Approval.gate == Gate.NOTICE, Approval.decision == Decision.APPROVED
    )
    for matter in db.exec(chosen.order_by(col(Approval.id).desc())):
        if not matter.summary.get("amendment"):
            return approved.numbered(db, cycle, matter.summary.get(TARGETS) or 0)
    return None


def after_import(db: Session, cycle: Cycle, version: TargetVersion, who: str) -> tuple[str, ...]:
    """What a new version means for the notice (导入后的衔接), inside the caller's transaction; sentences for staff.

    A notice that waits for approval is refused, as its workbooks hold the earlier version; what was issued stays as it
    is, and staff are told which departments hold something else.
    """
    matter = lookup.latest_approval(db, cycle, Gate.NOTICE)
    if matter is None or matter.summary.get("amendment"):
        return ()
    if cycle.state is CycleState.DRAFTING:
        _void(db, cycle, matter, version, who)
        return (f"通知已按此前的批复拟好，原审批摘要{matter.digest[:12]}已经失效，请重新运行“拟办通知”后审批。",)
    return _differing(db, cycle, version)


def _void(db: Session, cycle: Cycle, matter: Approval, version: TargetVersion, who: str) -> None:
    if matter.decision is not None:
        return
    matter.decision, matter.decided_by, matter.decided_at = Decision.REFUSED, who, clock.now()
    matter.reason = f"拟办后导入了第{version.number}版批复的绩效目标，须重新拟办。"
    db.add(matter)
    new = {"digest": matter.digest, "targets": version.number}
    store.record(db, who, "notice.outdated", str(cycle.fiscal_year), None, new)


def _differing(db: Session, cycle: Cycle, version: TargetVersion) -> tuple[str, ...]:
    issued = issued_version(db, cycle)
    before = approved.of_version(db, issued) if issued is not None else {}
    now = approved.of_version(db, version)
    names = [
        department.name
        for _, department in lookup.submissions(db, cycle)
        if said(before.get(department.code, ())) != said(now.get(department.code, ()))
    ]
    if not names:
        return ()
    held = f"第{issued.number}版批复" if issued is not None else "没有批复数据的空表"
    more = f"等{len(names)}个部门" if len(names) > MOST_NAMED else ""
    return (
        f"通知已经印发，部门手中的工作簿是{held}，与本版不同的有：{'、'.join(names[:MOST_NAMED])}{more}。"
        "已发出的文件不会改变，请用“更正或撤回通知”告知这些部门。",
    )
