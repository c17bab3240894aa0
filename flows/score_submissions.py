"""评分: close the collection, compute every accepted department's card, let people decide the open lines."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows import reporting
from flows.forms import JudgementForm, YearForm
from tasks.stages import scoring


@task(name="为一个部门评分", task_run_name="评分-{department}", cache_policy=NO_CACHE)
def score_one(submission_id: int, department: str) -> dict[str, Any]:
    """Score one department (为一个部门评分)."""
    return scoring.score_one(submission_id)


@flow(name="评分", flow_run_name="{form.fiscal_year}年度-评分")
def score_submissions(form: YearForm) -> State[Any]:
    """Score the accepted material (评分). Who has sent nothing acceptable by now is marked as not submitted (未报送)."""
    missing = scoring.start_scoring(form.fiscal_year)
    rows = [score_one(submission_id, department) for submission_id, department in scoring.to_score(form.fiscal_year)]
    scoring.finish_scoring(form.fiscal_year)
    table = [
        {"代码": r["code"], "部门": r["name"], "自评": r["claimed"], "计算": r["computed"], "待人工判定": r["open"]}
        for r in rows
    ]
    reporting.show_table(f"scores-{form.fiscal_year}", f"{form.fiscal_year}年度评分", table)
    open_lines = sum(len(r["open"]) for r in rows)
    more = f"未报送：{'、'.join(missing)}。" if missing else ""
    return reporting.done(f"已评分{len(rows)}个部门，{open_lines}项待人工判定。{more}")


@flow(name="人工判定", flow_run_name="{form.fiscal_year}年度-判定-{form.department}-{form.rule}")
def record_judgement(form: JudgementForm) -> State[Any]:
    """Record a person's decision on a line the rules cannot decide (人工判定), with the reason."""
    made = scoring.record_judgement(
        form.fiscal_year, form.department, form.rule, form.score, form.reason, form.operator
    )
    return reporting.done(f"{form.department}的{form.rule}判定为{made.score}分。")
