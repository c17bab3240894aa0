"""What a department is told about its material (告知内容): what was understood, what is unclear, what to correct."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from models.acceptance import Acceptance, Objection, ReturnReason
from models.facts import Finding, ProjectFacts, ReadError, ReportFacts, ReportKind, RubricLine, Severity
from models.numbers import trimmed
from models.records import SubmissionVersion
from tasks.mail.contexts import Change, CorrectionContext, Fact, Reason, ReceiptContext

MOST_ROWS = 40
# What a department can do about a file, where the reader's own sentence is written for the bureau's staff.
FOR_DEPARTMENTS = {
    "scan-needs-ocr": "文件是扫描件或图片，没有可以读取的文字。",
    "ocr-missing": "文件是扫描件或图片，没有可以读取的文字。",
    "not-understood": "文件已收到，但内容没有能够读出。",
    "reader-failed": "文件已收到，但内容没有能够读出。",
}
UNREADABLE_REMEDY = "请重新报送能够直接打开、未设密码、可以选中文字的Word（.docx）文件或PDF文件。"


def understood(facts: ReportFacts) -> tuple[Fact, ...]:
    """What was read, in a few lines (读取摘要)."""
    score = "未写明" if facts.self_score is None else f"{trimmed(facts.self_score)}分"
    rows = [
        Fact(label="部门名称", value=facts.department or "未写明"),
        Fact(label="评价年度", value=f"{facts.fiscal_year}年度" if facts.fiscal_year else "未写明"),
        Fact(label="部门整体支出自评得分", value=score),
        Fact(label="部门评价指标", value=f"{len(facts.rubric)}项"),
        Fact(label="项目支出", value=f"{len(facts.projects)}个"),
        Fact(label="绩效指标", value=f"{len(facts.indicators)}条"),
    ]
    rows += [_rubric_line(line.level3, line.score, line.weight) for line in _own_rubric(facts)]
    rows += [_project_line(project) for project in facts.projects]
    return tuple(rows[:MOST_ROWS])


def _own_rubric(facts: ReportFacts) -> list[RubricLine]:
    """The lines of the department's own rubric; those of a project's report are not its self-evaluation."""
    mine = {part.id for part in facts.reports if part.kind is ReportKind.DEPARTMENT}
    return [line for line in facts.rubric if not mine or line.report is None or line.report in mine]


def _rubric_line(name: str, score: Decimal | None, weight: Decimal | None) -> Fact:
    points = "未填写" if score is None else f"{trimmed(score)}分"
    return Fact(label=f"“{name}”自评得分", value=points if weight is None else f"{points}（分值{trimmed(weight)}分）")


def _project_line(project: ProjectFacts) -> Fact:
    parts = (
        ("预算", project.adjusted if project.adjusted is not None else project.budget, "万元"),
        ("执行", project.executed, "万元"),
        ("自评", project.self_score, "分"),
    )
    known = [f"{label}{trimmed(value)}{unit}" for label, value, unit in parts if value is not None]
    return Fact(label=f"项目“{project.name}”", value="，".join(known) or "未读到预算、执行数和得分")


def finding_reason(finding: Finding) -> Reason:
    """A finding as told to the department (疑点说明): the sentence, and where both sides stand."""
    places = "；".join(p.source.spoken() for p in finding.places if p.source.spoken())
    group = "前后不一致，请核对" if finding.severity is Severity.ERROR else "请说明或确认"
    return Reason(text=finding.message, place=places or None, group=group)


def doubts(facts: ReportFacts | None, acceptance: Acceptance) -> tuple[Reason, ...]:
    """What is unclear but does not return the material (待核实事项).

    Remarks and contradictions first, then what could not be read for certain, then what needs an explanation. What does
    not fit into a letter is counted, not dropped in silence.
    """
    rows = [Reason(text=o.text, place=o.place or None, group="请补充") for o in acceptance.remarks]
    if facts is not None:
        rows += [finding_reason(f) for f in facts.findings if f.severity is Severity.ERROR]
        rows += [
            Reason(text=q.message, place=q.source.spoken() or None if q.source else None, group="读取时不能确定")
            for q in facts.questions
        ]
        rows += [finding_reason(f) for f in facts.findings if f.severity is Severity.QUESTION]
    if len(rows) > MOST_ROWS:
        left = len(rows) - MOST_ROWS + 1
        rows = [*rows[: MOST_ROWS - 1], Reason(text=f"另有{left}处，限于篇幅未列出，可来电索取。", group="其他")]
    return tuple(rows)


def for_department(errors: Sequence[tuple[str, ReadError]]) -> tuple[tuple[str, ReadError], ...]:
    """Reasons why files could not be read, as a department is told (告知部门的读取失败原因)."""
    return tuple(
        (name, error.model_copy(update={"message": FOR_DEPARTMENTS.get(error.code, error.message)}))
        for name, error in errors
    )


def _returned(objection: Objection) -> Reason:
    unreadable = objection.code is ReturnReason.UNREADABLE
    remedy = UNREADABLE_REMEDY if unreadable else None
    return Reason(text=objection.text, place=objection.place or None, group="须改正", remedy=remedy)


def receipt(
    version: SubmissionVersion,
    deadline: date,
    files: Sequence[str],
    facts: ReportFacts,
    acceptance: Acceptance,
    changes: Sequence[tuple[str, str | None, str | None]],
    set_aside: str | None,
) -> ReceiptContext:
    """The content of a receipt letter (收件回执内容)."""
    return ReceiptContext(
        version=version.number,
        received_on=version.received_on,
        days_late=version.days_late,
        deadline=deadline,
        files=tuple(files),
        understood=understood(facts),
        questions=doubts(facts, acceptance),
        changes=tuple(Change(item=i, before=b, after=a) for i, b, a in changes[:MOST_ROWS]),
        set_aside=(Fact(label="未采用的附件", value=set_aside),) if set_aside else (),
    )


def correction(
    version: SubmissionVersion,
    files: Sequence[str],
    facts: ReportFacts | None,
    acceptance: Acceptance,
    correct_by: date,
) -> CorrectionContext:
    """The content of a correction letter (退回修改通知内容)."""
    return CorrectionContext(
        received_on=version.received_on,
        reasons=tuple(_returned(o) for o in acceptance.returned),
        questions=doubts(facts, acceptance),
        version=version.number,
        correct_by=correct_by,
        files=tuple(files),
    )
