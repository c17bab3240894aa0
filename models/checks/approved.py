"""The report against what was approved (所报与批复核对): targets, weights, budgets, and what is missing.

Pure and cautious: names are matched only where they are equal, or alike without another candidate; what cannot be told
apart is not reported. Each finding quotes both sides and says not which of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.approved import ApprovedIndicator, ApprovedProject
from models.checks.approved_lines import LineDifference, difference, is_compared
from models.checks.findings import CENT, found, number, place
from models.checks.indicators import target_words, where
from models.document import Source
from models.facts import Finding, FindingPlace, IndicatorLine, ProjectFacts, ReportFacts, Severity
from models.numbers import trimmed
from models.statements.naming import bare, nearest, uncoded

SHEET = "项目绩效目标批复表"
TITLES_APPROVED = {
    "approved-target": "指标值与批复不一致",
    "approved-weight": "权重与批复不一致",
    "approved-budget": "项目预算与批复不一致",
    "approved-indicator-missing": "批复的指标未见于材料",
    "approved-project-missing": "批复的项目未见于材料",
    "approved-agrees": "与批复一致",
}
_MOST_NAMED = 12


@dataclass(frozen=True)
class Matched:
    """An approved indicator and the submitted line that stands for it (对应的指标); ``sure``: the names are equal."""

    plan: ApprovedIndicator
    line: IndicatorLine
    sure: bool


def compare_approved(
    facts: ReportFacts,
    approved: Sequence[ApprovedProject],
    earlier: Sequence[ApprovedProject] = (),
    *,
    version: int = 1,
) -> tuple[Finding, ...]:
    """Hold a department's report against its approved projects (与批复核对).

    ``version`` is the number of the approval, as its imports are counted. ``earlier`` is what the department's workbook
    was filled from, where that is another version: a line that follows it is told as information, not as a difference.
    """
    if not approved:
        return ()
    named = {id(one): _project_of(facts, one, approved) for one in approved}
    missing = [one for one in approved if named[id(one)] is None]
    made = list(_missing_projects(missing, version))
    for one in approved:
        project = named[id(one)]
        if project is not None:
            before = next((p for p in earlier if bare(p.name) == bare(one.name)), None)
            made += _of_project(facts, one, project, before, version)
    return tuple(made)


def _project_of(
    facts: ReportFacts, approved: ApprovedProject, others: Sequence[ApprovedProject]
) -> ProjectFacts | None:
    """The submitted project behind an approved one: by name, then by code, then by the only name that is alike."""
    name = bare(approved.name)
    same = [one for one in facts.projects if uncoded(one.name) == name or bare(one.name) == name]
    same = same or [one for one in facts.projects if approved.code and one.code == approved.code]
    if not same:
        taken = {bare(one.name) for one in others}
        free = {uncoded(one.name) for one in facts.projects} - taken
        alike = nearest(name, sorted(free))
        same = [one for one in facts.projects if alike is not None and uncoded(one.name) == alike]
    # The form with the amounts stands for the project, not a mention of it.
    return next((one for one in same if one.budget is not None), same[0] if same else None)


def _missing_projects(missing: Sequence[ApprovedProject], version: int) -> Iterator[Finding]:
    if not missing:
        return
    names = _listed([one.name for one in missing])
    message = f"第{version}版批复中的{len(missing)}个项目（{names}）在报送材料中没有读到，请核对是否漏报或者更名。"
    places = tuple(_approved_place(one.row, f"批复项目：{one.name}") for one in missing[:_MOST_NAMED])
    yield found("approved-project-missing", Severity.QUESTION, message, places, missing=str(len(missing)))


def _of_project(
    facts: ReportFacts,
    approved: ApprovedProject,
    project: ProjectFacts,
    earlier: ApprovedProject | None,
    version: int,
) -> list[Finding]:
    name = uncoded(project.name)
    lines = [one for one in facts.indicators if one.project is not None and uncoded(one.project) == name]
    matched, missing = _match(approved, lines)
    same_project = name == bare(approved.name) or bool(approved.code and approved.code == project.code)
    made: list[Finding] = []
    for one in matched:
        off = difference(one.plan, one.line, sure=one.sure and same_project)
        if off is not None:
            made.append(_target_finding(approved, one, off, earlier, version))
    made += _weights(approved, matched)
    made += _budget(approved, project)
    made += _missing_lines(approved, project, missing, version)
    if not made and all(is_compared(one.line) for one in matched) and (matched or project.budget is not None):
        made.append(_agreement(approved, project, matched, version))
    return made


def _match(approved: ApprovedProject, lines: Sequence[IndicatorLine]) -> tuple[list[Matched], list[ApprovedIndicator]]:
    """Pair approved indicators with submitted lines; returns the pairs and what found no line."""
    matched: list[Matched] = []
    missing: list[ApprovedIndicator] = []
    planned = {bare(plan.name) for plan in approved.indicators}
    for plan in approved.indicators:
        own = _told([line for line in lines if bare(line.level3 or "") == bare(plan.name)], plan)
        if own is not None:
            matched.append(Matched(plan, own, sure=True))
            continue
        free = {bare(line.level3 or "") for line in lines} - planned
        alike = nearest(bare(plan.name), sorted(free))
        own = _told([line for line in lines if alike is not None and bare(line.level3 or "") == alike], plan)
        if own is not None:
            matched.append(Matched(plan, own, sure=False))
        else:
            missing.append(plan)
    return matched, missing


def _told(lines: Sequence[IndicatorLine], plan: ApprovedIndicator) -> IndicatorLine | None:
    """Of several lines of one name the one that was scored, in a table, under the same heading, and differs if any does."""
    heading = _heading(plan.level2)
    lines = [line for line in lines if _heading(line.level2 or "") == heading] or lines
    lines = [line for line in lines if line.source.table is not None] or lines
    lines = [line for line in lines if line.score is not None or line.actual is not None] or lines
    return next((line for line in lines if difference(plan, line) is not None), lines[0] if lines else None)


def _heading(text: str) -> str:
    """A heading without points and without 指标 (指标类别), so that 产出指标（50分） and 产出 are the same."""
    return bare(text).removesuffix("指标")


def _target_finding(
    approved: ApprovedProject, one: Matched, off: LineDifference, earlier: ApprovedProject | None, version: int
) -> Finding:
    called = "" if one.sure else f"（材料写作“{one.line.level3}”）"
    said = (
        f"项目“{approved.name}”{one.plan.level2}“{one.plan.name}”{called}：{off.words}"
        f"（{where(one.line, 'target')}；批复表第{one.plan.row}行）"
    )
    before = _same_plan(earlier, one.plan)
    places = (_line_place(one.line), _approved_place(one.plan.row, f"批复：{one.plan.name}{one.plan.words}"))
    if before is not None and difference(before, one.line) is None:
        message = f"{said}。所报与随通知印发的批复一致，批复在第{version}版中作了调整。"
        return found("approved-target", Severity.INFORMATION, message, places, **off.computed)
    message = f"{said}，请核对；经批准调整的，请附批准文件。"
    return found("approved-target", off.severity, message, places, **off.computed)


def _same_plan(earlier: ApprovedProject | None, plan: ApprovedIndicator) -> ApprovedIndicator | None:
    lines = earlier.indicators if earlier is not None else ()
    return next((one for one in lines if (one.level2, one.name) == (plan.level2, plan.name)), None)


def _weights(approved: ApprovedProject, matched: Sequence[Matched]) -> Iterator[Finding]:
    """Weights line by line; weights that were all scaled alike (100 points into 90) are information."""
    pairs = [(one, one.plan.weight, one.line.weight) for one in matched]
    known = [(one, plan, line) for one, plan, line in pairs if plan is not None and line is not None]
    off = [(one, plan, line) for one, plan, line in known if plan != line]
    if not off:
        return
    places = tuple(_line_place(one.line, f"{one.plan.name} 权重{trimmed(line)}") for one, _, line in off[:_MOST_NAMED])
    sums = sum(plan for _, plan, _ in known), sum(line for _, _, line in known)
    scaled = len(known) > 1 and all(plan * sums[1] == line * sums[0] for _, plan, line in known)
    if scaled:
        message = (
            f"项目“{approved.name}”{len(known)}项指标的权重按同一比例折算："
            f"批复合计{trimmed(Decimal(sums[0]))}分，所报合计{trimmed(Decimal(sums[1]))}分。"
        )
        yield found("approved-weight", Severity.INFORMATION, message, places)
        return
    listed = "；".join(
        f"“{one.plan.name}”批复{trimmed(plan)}分、所报{trimmed(line)}分（{where(one.line, 'weight')}）"
        for one, plan, line in off[:_MOST_NAMED]
    )
    message = f"项目“{approved.name}”有{len(off)}项指标的权重与批复不同：{listed}，请核对。"
    yield found("approved-weight", Severity.QUESTION, message, places, different=str(len(off)))


def _budget(approved: ApprovedProject, project: ProjectFacts) -> Iterator[Finding]:
    if approved.budget is None or project.budget is None or approved.budget == project.budget:
        return
    gap = project.budget - approved.budget
    spot = project.places.get("budget") or project.source
    said = (
        f"项目“{approved.name}”的年初预算，批复为{trimmed(approved.budget)}万元（批复表第{approved.row}行），"
        f"所报为{trimmed(project.budget)}万元（{spot.spoken() or '文中'}）"
    )
    places = (
        place(spot, spot.quote or f"{project.name} {trimmed(project.budget)}"),
        _approved_place(approved.row, f"批复预算：{trimmed(approved.budget)}万元"),
    )
    values = {"approved": approved.budget, "submitted": project.budget, "difference": gap}
    if abs(gap) <= CENT:
        yield found("approved-budget", Severity.INFORMATION, f"{said}，差额属于四舍五入。", places, **values)
    elif approved.budget == project.adjusted:
        message = f"{said}，批复数与所报的调整后预算数相同，可能是口径不同。"
        yield found("approved-budget", Severity.INFORMATION, message, places, **values)
    else:
        message = f"{said}，相差{number(abs(gap))}万元，请核对；经批准调整的，应填入调整后预算数。"
        yield found("approved-budget", Severity.QUESTION, message, places, **values)


def _missing_lines(
    approved: ApprovedProject, project: ProjectFacts, missing: Sequence[ApprovedIndicator], version: int
) -> Iterator[Finding]:
    if not missing:
        return
    all_of_them = "全部" if len(missing) == len(approved.indicators) else ""
    names = _listed([f"{one.name}{one.words}" for one in missing])
    message = (
        f"项目“{approved.name}”第{version}版批复中的{all_of_them}{len(missing)}项指标在报送材料中没有读到："
        f"{names}，请核对是否漏报或者更名。"
    )
    places = (
        place(project.source, project.source.quote or project.name),
        *(_approved_place(one.row, f"批复：{one.name}{one.words}") for one in missing[:_MOST_NAMED]),
    )
    yield found("approved-indicator-missing", Severity.QUESTION, message, places, missing=str(len(missing)))


def _agreement(approved: ApprovedProject, project: ProjectFacts, matched: Sequence[Matched], version: int) -> Finding:
    told = [f"{len(matched)}项指标的{_compared_fields(matched)}"] if matched else []
    if approved.budget is not None and project.budget is not None:
        told.append(f"年初预算{trimmed(approved.budget)}万元")
    message = f"项目“{approved.name}”的{'，以及'.join(told) or '名称'}与第{version}版批复一致。"
    spot = place(project.source, project.source.quote or project.name)
    return found("approved-agrees", Severity.CONFIRMED, message, (spot,), indicators=str(len(matched)))


def _compared_fields(matched: Sequence[Matched]) -> str:
    """What stood on both sides of every line (已核对的栏目), so that nothing is confirmed that was not compared."""
    fields = ["指标值"]
    if all(one.line.operator is not None for one in matched):
        fields.insert(0, "指标性质")
    if all(one.line.unit or not one.plan.unit for one in matched):
        fields.append("度量单位")
    if all(one.plan.weight is not None and one.line.weight is not None for one in matched):
        fields.append("权重")
    return "、".join(fields[:-1]) + (f"和{fields[-1]}" if len(fields) > 1 else fields[0])


def _line_place(line: IndicatorLine, quote: str | None = None) -> FindingPlace:
    source = line.places.get("target") or line.source
    return place(source, quote or f"{line.level3 or ''} {target_words(line)}")


def _approved_place(row: int, quote: str) -> FindingPlace:
    return place(Source(sheet=SHEET, row=row), quote)


def _listed(names: Sequence[str]) -> str:
    more = f"等{len(names)}个" if len(names) > _MOST_NAMED else ""
    return "、".join(names[:_MOST_NAMED]) + more
