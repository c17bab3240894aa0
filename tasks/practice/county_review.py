"""What the reviewers of the practice county find, in words (复核意见): the reason of every deduction from the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from models.numbers import rounded, trimmed
from tasks.practice.county_model import PracticeDepartment, month_day
from tasks.practice.county_story import ReviewedLine
from tasks.practice.forms.rubric import rubric_lines


def reviewed_lines(department: PracticeDepartment, plain: Mapping[str, Sequence[str]]) -> tuple[ReviewedLine, ...]:
    """The reviewer's score of every claimable line (逐项复核结果), with reason and criterion where points are taken.

    ``plain`` maps a line to ``[score]`` or ``[score, reason, criterion]``. Lines decided by figures get their reason from
    the figures, judgement lines must bring their own. Raises ValueError for a deduction without a reason.
    """
    lines = []
    for form in rubric_lines():
        if form.level3 not in plain:
            continue
        score, *words = plain[form.level3]
        reason, criterion = words if words else (None, None)
        if reason is None and Decimal(score) < form.weight and form.level3 in _REASONS:
            reason, criterion = _REASONS[form.level3](department), form.criterion
        lines.append(
            ReviewedLine(line=form.level3, weight=form.weight, score=Decimal(score), reason=reason, criterion=criterion)
        )
    return tuple(lines)


def _targets(department: PracticeDepartment) -> str:
    quantities = [line for project in department.projects for line in project.indicators if line.level2 == "数量指标"]
    missed = [line for line in quantities if not line.met_within_limit]
    names = "、".join(f"{line.name}（目标{line.target}、完成{line.actual}）" for line in missed)
    return f"数量指标{len(quantities)}个，达标{len(quantities) - len(missed)}个；不计分的为{names}"


def _accuracy(department: PracticeDepartment) -> str:
    money = department.money
    share = trimmed(rounded(money.gross / money.initial * 100))
    return f"全年预算调剂金额{money.gross}万元，年初预算{money.initial}万元，调剂比例{share}%"


def _control(department: PracticeDepartment) -> str:
    first, last = department.money.controlled_initial, department.money.controlled_final
    return f"五项费用年初预算{first}万元、决算{last}万元，偏差{trimmed(rounded((last - first) / first * 100))}%"


def _adjustment(department: PracticeDepartment) -> str:
    money = department.money
    return f"绩效监控取消{money.cancelled}万元，年末结余注销{money.written_off}万元，年度预算{money.annual}万元"


def _progress(department: PracticeDepartment) -> str:
    return (
        f"6月、9月、11月末执行进度分别为{trimmed(department.june)}%、"
        f"{trimmed(department.september)}%、{trimmed(department.november)}%"
    )


def _completion(department: PracticeDepartment) -> str:
    return f"项目预算12月底执行进度为{trimmed(department.money.project_rate)}%"


def _violations(department: PracticeDepartment) -> str:
    return f"审计监督和财政检查指出部门预算管理问题{department.violations}个"


def _publication(department: PracticeDepartment) -> str:
    return "未能提供绩效自评情况随同部门决算公开的网址和日期"


def _reply(department: PracticeDepartment) -> str:
    last = department.last_year
    when = f"于{month_day(last.reported_on)}反馈" if last.reported_on else "未反馈"
    return f"上年度结果应用情况应在{month_day(last.due)}前反馈，{department.name}{when}"


_REASONS: Mapping[str, Callable[[PracticeDepartment], str]] = {
    "目标实现": _targets,
    "编制准确": _accuracy,
    "支出控制": _control,
    "动态调整": _adjustment,
    "执行进度": _progress,
    "预算完成": _completion,
    "违规记录": _violations,
    "自评公开": _publication,
    "应用反馈": _reply,
}
