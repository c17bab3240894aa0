"""From a Document to facts (材料解读): cut into reports, read tables and prose, reconcile what is said twice."""

from __future__ import annotations

from dataclasses import dataclass

from models.document import Document, Paragraph, Source, Table
from models.facts import Question, ReportFacts, ReportKind, ReportPart
from tasks.interpreting.forms import FormReader
from tasks.interpreting.found import Found, ProjectDraft
from tasks.interpreting.identity import Vote, department_of, printed_pairs, year_of
from tasks.interpreting.money import read_money
from tasks.interpreting.names import department_name
from tasks.interpreting.passages import distinct, read_passages, read_passages_in_passing, sections
from tasks.interpreting.prose_projects import project_of_title, read_project_blocks, read_project_report
from tasks.interpreting.reconcile import merged_projects, unique_functions, unique_money
from tasks.interpreting.scores import ClaimedScore, ScoreMention, claimed_score, mentions, stated_grade
from tasks.interpreting.segments import Segment, segments
from tasks.interpreting.text import folded


@dataclass
class _Reading:
    """One report while its parts are put together."""

    segment: Segment
    found: Found
    year: Vote
    score: ClaimedScore
    grade: str | None
    mentions: list[ScoreMention]


def interpret(document: Document) -> ReportFacts:
    """Read a Document into facts (解读一份材料). Pure; ``findings`` stay empty, they are the checks' work.

    Amounts in 万元, rates in percent. Whatever could not be read, or could be read two ways, is in ``questions``.
    """
    parts = segments(document)
    readings = [_read(part, document) for part in parts]
    everything = Found()
    for reading in readings:
        everything.take(reading.found)
    department = department_of(document, parts, everything.claims)
    year = _file_year(readings)
    reports = tuple(_report(reading, department, year, everything) for reading in readings)
    main = _main_report(reports)
    projects = merged_projects(everything)
    _ask_about_identity(everything, department, year)
    return ReportFacts(
        file=document.file,
        department=department.value,
        fiscal_year=year.value,
        self_score=main.self_score if main else None,
        grade=main.grade if main else None,
        reports=reports,
        money=unique_money(everything, {one.id: one.fiscal_year for one in reports}),
        expenditure_by_function=unique_functions(everything.functions),
        projects=tuple(draft.facts() for draft in projects),
        indicators=tuple(everything.indicators),
        rubric=tuple(everything.rubric),
        problems=tuple(distinct(everything.problems)),
        measures=tuple(distinct(everything.measures)),
        questions=tuple(dict.fromkeys(everything.questions)),
        warnings=document.warnings,
    )


def _read(part: Segment, document: Document) -> _Reading:
    found = Found()
    project = project_of_title(part) if part.kind is ReportKind.PROJECT else None
    caption = ""
    for block in part.blocks:
        if isinstance(block, Table):
            reader = FormReader(block, part.id, project, caption)
            found.take(reader.read())
            project = reader.project
        elif isinstance(block, Paragraph):
            caption = block.full_text
    found.claims.extend(printed_pairs(part))
    outside = read_project_blocks(list(part.paragraphs()), part.id, found)
    chapters = sections(outside)
    if project is not None and project.origin == "report":
        read_project_report(outside, project)
    read_passages(chapters, project.name if project else None, part.id, found)
    read_passages_in_passing(chapters, project.name if project else None, part.id, found)
    concluding = {id(one) for chapter in chapters if chapter.name == "conclusion" for one in chapter.paragraphs}
    told = [Paragraph(text=one.text, place=one.source) for one in found.claims if one.field == "conclusion"]
    prose = [*outside, *told]
    said = list(mentions(prose, [id(one) in concluding for one in outside] + [True] * len(told)))
    year = year_of(_texts(part), [(title, part.source) for title in [part.title, *part.heading]] + _year_cells(found))
    score = claimed_score(said, found.claims, part.kind)
    grade = stated_grade(prose, found.claims)
    read_money(part, chapters, year.value, found)
    return _Reading(part, _with_project(part, project, score, found), year, score, grade[0] if grade else None, said)


def _texts(part: Segment) -> list[tuple[str, Source]]:
    return [(one.full_text, one.place) for one in part.paragraphs()]


def _year_cells(found: Found) -> list[tuple[str, Source]]:
    return [
        (f"{one.text}年" if one.text.isdigit() else one.text, one.source)
        for one in found.claims
        if one.field == "fiscal_year"
    ]


def _with_project(part: Segment, project: ProjectDraft | None, score: ClaimedScore, found: Found) -> Found:
    """A project's report in prose is a project too, with the score it claims (项目报告)."""
    if part.kind is ReportKind.PROJECT and project is not None:
        if score.value is not None and score.source is not None:
            project.put("self_score", score.value, score.source)
        if not any(one is project for one in found.projects):
            found.projects.append(project)
    return found


def _file_year(readings: list[_Reading]) -> Vote:
    order = sorted(
        readings,
        key=lambda one: (one.segment.kind is not ReportKind.DEPARTMENT, one.segment.kind is ReportKind.PROJECT),
    )
    return next((one.year for one in order if one.year.value), Vote(None))


def _report(reading: _Reading, department: Vote, year: Vote, everything: Found) -> ReportPart:
    part, score = reading.segment, reading.score
    value = score.value
    places = {"self_score": score.source} if score.source is not None else {}
    if part.kind is ReportKind.PROJECT and value is None:
        draft = next((one for one in reading.found.projects if "self_score" in one.values), None)
        if draft is not None:
            value, places = draft.values["self_score"], {"self_score": draft.places["self_score"]}
    if score.others and part.kind is not ReportKind.PROJECT:
        others = "、".join(str(one) for one in score.others)
        everything.ask("self_score", f"自评得分有几种说法：{score.value}、{others}，请确认。", score.source)
    name = department_name(part.title) or department.value
    return ReportPart(
        id=part.id,
        kind=part.kind,
        title=folded(part.title),
        department=name,
        fiscal_year=reading.year.value or year.value,
        self_score=value,
        score_blank=score.blank and value is None,
        grade=reading.grade,
        source=part.source,
        places=places,
        confidence=score.confidence,
    )


def _main_report(reports: tuple[ReportPart, ...]) -> ReportPart | None:
    """The department's overall report, else the final accounts that quote it (部门整体报告)."""
    for kind in (ReportKind.DEPARTMENT, ReportKind.FINAL_ACCOUNTS):
        for report in reports:
            if report.kind is kind and (report.self_score is not None or kind is ReportKind.DEPARTMENT):
                return report
    return None


def _ask_about_identity(found: Found, department: Vote, year: Vote) -> None:
    if department.value is None:
        found.questions.append(Question(field="department", message="没有找到部门名称，请填写。"))
    elif department.rivals:
        names = "、".join(department.rivals)
        found.ask("department", f"部门名称读作{department.value}，材料里还有{names}，请确认。", department.source)
    if year.value is None:
        found.questions.append(Question(field="fiscal_year", message="没有找到评价年度，请填写。"))
    elif year.rivals:
        found.ask(
            "fiscal_year",
            f"评价年度读作{year.value}年，材料里{'、'.join(year.rivals)}年也常出现，请确认。",
            year.source,
        )
