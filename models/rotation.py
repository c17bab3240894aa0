"""Who reviews which department (复核任务分配): rotation, conflicts of interest left out, the load kept even. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


class NobodyLeftError(ValueError):
    """A department that nobody may review (没有可派的复核人员); ``departments`` are their codes."""

    def __init__(self, departments: Sequence[str]) -> None:
        self.departments = tuple(departments)
        super().__init__(f"以下部门的复核人员都须回避：{'、'.join(departments)}。")


def assign(
    departments: Sequence[str],
    reviewers: Sequence[str],
    conflicts: Mapping[str, Collection[str]],
    earlier: Mapping[str, str] | None = None,
    busy: Mapping[str, int] | None = None,
) -> dict[str, str]:
    """The reviewer of each department (分配复核任务), by code.

    ``conflicts``: department -> reviewers who may not review it. ``earlier``: department -> who reviewed it the last time;
    another reviewer is preferred, so that the eye changes. ``busy``: what each has to do already. Those with the
    least choice are assigned first; each goes to who has least to do, and among equals to who comes next in the rotation.
    Same arguments, same result. Raises NobodyLeftError naming every department that nobody may review.
    """
    earlier = earlier or {}
    allowed = {code: [r for r in reviewers if r not in conflicts.get(code, ())] for code in departments}
    orphans = [code for code in departments if not allowed[code]]
    if orphans:
        raise NobodyLeftError(orphans)
    load = {reviewer: (busy or {}).get(reviewer, 0) for reviewer in reviewers}
    position = {reviewer: place for place, reviewer in enumerate(reviewers)}
    assigned: dict[str, str] = {}
    for code in sorted(departments, key=lambda code: (len(allowed[code]), departments.index(code))):
        chosen = min(allowed[code], key=lambda r: (r == earlier.get(code), load[r], position[r]))
        assigned[code] = chosen
        load[chosen] += 1
    return {code: assigned[code] for code in departments}
