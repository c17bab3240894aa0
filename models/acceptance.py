"""Whether a department's material can be accepted (收件审核): a pure decision with the reasons to tell the department."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from models.document import Frozen
from models.facts import ReadError, ReportFacts, ReportKind


class ReturnReason(StrEnum):
    """Why material is returned (退回原因). Which of them return material is the rule set's choice."""

    UNREADABLE = "unreadable"
    WRONG_YEAR = "wrong-year"
    WRONG_DEPARTMENT = "wrong-department"
    NO_DEPARTMENT_REPORT = "no-department-report"
    NO_SELF_SCORE = "no-self-score"
    NO_RUBRIC = "no-rubric"


class AcceptancePolicy(Frozen):
    """What is returned for correction (退回条件). An absent year or name is asked about, not returned.

    ``rejudge_after_correction``: material that was returned because it was misread is judged again once a person has
    corrected the reading.
    """

    returned_for: tuple[ReturnReason, ...] = (
        ReturnReason.UNREADABLE,
        ReturnReason.WRONG_YEAR,
        ReturnReason.WRONG_DEPARTMENT,
        ReturnReason.NO_DEPARTMENT_REPORT,
        ReturnReason.NO_SELF_SCORE,
    )
    rejudge_after_correction: bool = True


class Objection(Frozen):
    """One reason to return (退回事由): code, the Chinese sentence for the department, where it was seen."""

    code: ReturnReason
    text: str
    place: str = ""


class Acceptance(Frozen):
    """The decision (审核结论): accepted when nothing returns the material; ``remarks`` are told but do not return it."""

    returned: tuple[Objection, ...] = ()
    remarks: tuple[Objection, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the material is accepted (是否接收)."""
        return not self.returned


def decide(
    facts: ReportFacts | None,
    errors: Sequence[tuple[str, ReadError]],
    *,
    names: Sequence[str],
    fiscal_year: int,
    policy: AcceptancePolicy,
) -> Acceptance:
    """Decide on one version (审核一个报送版本).

    ``facts`` is what all readable files say together, None where none could be read; ``errors`` are (file name, reason) of
    files that could not be read; ``names`` the department's full and short names.
    """
    found = [
        Objection(code=ReturnReason.UNREADABLE, text=f"文件“{name}”无法读取：{error.message}") for name, error in errors
    ]
    if facts is not None:
        found += _content(facts, names, fiscal_year)
    return Acceptance(
        returned=tuple(o for o in found if o.code in policy.returned_for),
        remarks=tuple(o for o in found if o.code not in policy.returned_for),
    )


def _content(facts: ReportFacts, names: Sequence[str], fiscal_year: int) -> list[Objection]:
    found = []
    overall = next((r for r in facts.reports if r.kind is ReportKind.DEPARTMENT), None)
    place = overall.source.spoken() if overall else ""
    if facts.fiscal_year is not None and facts.fiscal_year != str(fiscal_year):
        text = (
            f"材料反映的是{facts.fiscal_year}年度，本次评价的是{fiscal_year}年度，请报送{fiscal_year}年度的自评材料。"
        )
        found.append(Objection(code=ReturnReason.WRONG_YEAR, text=text, place=place))
    if facts.department is not None and names and not any(same_name(facts.department, n) for n in names):
        text = f"材料中的部门名称为“{facts.department}”，与贵单位（{names[0]}）不符，请核对后重新报送。"
        found.append(Objection(code=ReturnReason.WRONG_DEPARTMENT, text=text, place=place))
    if overall is None:
        text = "未见部门整体支出绩效自评报告，请按通知所附提纲补报。"
        found.append(Objection(code=ReturnReason.NO_DEPARTMENT_REPORT, text=text))
    elif facts.self_score is None:
        what = "自评得分处为空白" if overall.score_blank else "未写明自评得分"
        text = f"部门整体支出绩效自评报告{what}，请填写自评总得分。"
        found.append(Objection(code=ReturnReason.NO_SELF_SCORE, text=text, place=place))
    if overall is not None and not facts.rubric:
        text = "未见部门整体绩效评价指标打分表，将由财政部门逐项核定。"
        found.append(Objection(code=ReturnReason.NO_RUBRIC, text=text, place=place))
    return found


def same_name(printed: str, expected: str) -> bool:
    """Whether two department names mean the same (部门名称是否一致): one contains the other, blanks aside.

    A county name before the department's own, or 部门 behind it, makes no difference.
    """
    a, b = "".join(printed.split()), "".join(expected.split())
    return bool(a) and bool(b) and (a in b or b in a)
