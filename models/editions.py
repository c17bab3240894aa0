"""Editions of published results (公开版次): what one shows otherwise than the one before, from what, to what, and why.

Pure. A correction is never an overwriting: it is the next edition, with this list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from models.numbers import Number, trimmed
from models.published import PublishedChange, PublishedDepartment, PublishedLine, PublishedResults

# Why a line differs where nobody said so (更正原因), by what in it changed.
RECOMPUTED = "计算所依据的数据或材料更正"
JUDGED = "评价人员的判定更正"
REVIEWED = "复核得分更正"
WORDED = "说明更正"
FOLLOWS = "随分项得分重新计算"
MOVED = "其他部门的结果更正后名次随之变动"
ADDED = "补充公开"

# (code, rule) -> why, for what staff decided; None as rule speaks for the whole department.
Causes = Mapping[tuple[str, str | None], str]


def compare(old: PublishedResults, new: PublishedResults, causes: Causes) -> tuple[PublishedChange, ...]:
    """What ``new`` shows otherwise than ``old`` (更正事项), departments in the order of ``new``, lines before totals.

    Departments that are no longer published give no change here: what is withdrawn is not named again.
    """
    before = {department.code: department for department in old.departments}
    return tuple(
        change
        for department in new.departments
        for change in _department(before.get(department.code), department, causes)
    )


def withdrawn(old: PublishedResults, new: PublishedResults) -> int:
    """How many departments ``new`` no longer shows (不再公开的部门数)."""
    return len({d.code for d in old.departments} - {d.code for d in new.departments})


def sentences(changes: tuple[PublishedChange, ...], gone: int) -> tuple[str, ...]:
    """The changes as sentences for letters and lists (更正内容), one a department; places that moved are only counted."""
    told = []
    results = [change for change in changes if change.kind == "result"]
    for name, rows in groupby(results, key=lambda change: change.department):
        listed = list(rows)
        moved = "，".join(f"{row.item}由{row.before or '空白'}更正为{row.after or '空白'}" for row in listed)
        reasons = "；".join(dict.fromkeys(row.why for row in listed if row.why != FOLLOWS)) or FOLLOWS
        told.append(f"{name}：{moved}（{reasons}）。")
    ranks = len({change.code for change in changes if change.kind == "rank"})
    if ranks:
        told.append(f"另有{ranks}个部门得分不变，名次随之变动。")
    if gone:
        told.append(f"{gone}个部门的结果不再公开，本版及以前各版均已略去。")
    return tuple(told)


def without(edition: PublishedResults, newest: PublishedResults) -> PublishedResults:
    """An earlier edition as it may still be shown (可继续公开的旧版): without the departments the newest one withdrew."""
    shown = {department.code for department in newest.departments}
    revisions = tuple(change for change in edition.revisions if change.code in shown)
    gone = int(edition.correction.withdrawn) if edition.correction else 0
    return edition.model_copy(
        update={
            "departments": tuple(d for d in edition.departments if d.code in shown),
            "revisions": revisions,
            "changes": sentences(revisions, gone) if edition.correction else edition.changes,
        }
    )


def _department(old: PublishedDepartment | None, new: PublishedDepartment, causes: Causes) -> Iterator[PublishedChange]:
    whole = causes.get((new.code, None))
    if old is None:
        shown = f"{_points(new.final_score)}，{new.grade}" if new.grade else new.status_label
        yield _change(new, "评价结果", None, shown, whole or ADDED)
        return
    found = [*_lines(old, new, causes), *_totals(old, new, whole or FOLLOWS)]
    yield from found
    if old.rank != new.rank:
        kind = "result" if found else "rank"
        why = FOLLOWS if found else MOVED
        rank = (f"第{place}名" if place else None for place in (old.rank, new.rank))
        yield PublishedChange(
            code=new.code, department=new.name, kind=kind, item="名次", before=next(rank), after=next(rank), why=why
        )


def _lines(old: PublishedDepartment, new: PublishedDepartment, causes: Causes) -> Iterator[PublishedChange]:
    earlier = {line.rule: line for line in old.lines}
    for line in new.lines:
        was = earlier.get(line.rule)
        if was == line:
            continue
        said = causes.get((new.code, line.rule)) or causes.get((new.code, None))
        before, after = _points(was.final) if was else None, _points(line.final)
        if before == after:
            after = f"{after or '空白'}（得分不变，计算过程或说明有更正）"
        yield _change(new, line.label, before, after, said or _why(was, line))
    kept = {line.rule for line in new.lines}
    for line in old.lines:
        if line.rule not in kept:
            why = causes.get((new.code, None)) or RECOMPUTED
            yield _change(new, line.label, _points(line.final), None, why)


def _why(old: PublishedLine | None, new: PublishedLine) -> str:
    """Why a line differs (更正原因), by the first of its parts that does."""
    if old is None or old.computed != new.computed:
        return RECOMPUTED
    if old.reviewed != new.reviewed:
        return REVIEWED
    return JUDGED if old.judged != new.judged else WORDED


def _totals(old: PublishedDepartment, new: PublishedDepartment, why: str) -> Iterator[PublishedChange]:
    rows = (
        ("部门名称", old.name, new.name),
        ("状态", old.status_label, new.status_label),
        ("自评得分", _points(old.self_score), _points(new.self_score)),
        ("复核得分", _points(old.review_score), _points(new.review_score)),
        ("偏离度", old.deviation_shown, new.deviation_shown),
        ("自评准确扣分", _points(old.deduction), _points(new.deduction)),
        ("最终得分", _points(old.final_score), _points(new.final_score)),
        ("等级", old.grade, new.grade),
    )
    for item, before, after in rows:
        if before != after:
            yield _change(new, item, before, after, why)


def _change(
    department: PublishedDepartment, item: str, before: str | None, after: str | None, why: str
) -> PublishedChange:
    return PublishedChange(
        code=department.code, department=department.name, kind="result", item=item, before=before, after=after, why=why
    )


def _points(value: Number | None) -> str | None:
    return None if value is None else f"{trimmed(value)}分"
