"""What a department is told about its material (告知内容): what was understood, what is unclear, what to correct."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.acceptance import Acceptance
from models.facts import Finding, ReportFacts, Severity
from models.numbers import trimmed
from models.records import SubmissionVersion
from tasks.mail.contexts import Change, CorrectionContext, Fact, Reason, ReceiptContext

MOST_ROWS = 40


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
    return tuple(rows)


def finding_reason(finding: Finding) -> Reason:
    """A finding as told to the department (疑点说明): the sentence, and where both sides stand."""
    places = "；".join(p.source.spoken() for p in finding.places if p.source.spoken())
    group = "前后不一致，请核对" if finding.severity is Severity.ERROR else "请说明或确认"
    return Reason(text=finding.message, place=places or None, group=group)


def doubts(facts: ReportFacts | None, acceptance: Acceptance) -> tuple[Reason, ...]:
    """What is unclear but does not return the material (待核实事项): remarks, errors first, then questions."""
    rows = [Reason(text=o.text, place=o.place or None, group="请补充") for o in acceptance.remarks]
    if facts is not None:
        for severity in (Severity.ERROR, Severity.QUESTION):
            rows += [finding_reason(f) for f in facts.findings if f.severity is severity]
        rows += [
            Reason(text=q.message, place=q.source.spoken() or None if q.source else None, group="读取时不能确定")
            for q in facts.questions
        ]
    return tuple(rows[:MOST_ROWS])


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
        reasons=tuple(Reason(text=o.text, place=o.place or None, group="须改正") for o in acceptance.returned),
        questions=doubts(facts, acceptance),
        version=version.number,
        correct_by=correct_by,
        files=tuple(files),
    )
