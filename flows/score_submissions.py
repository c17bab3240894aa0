"""评分: close the collection, compare the departments, compute every card, let people decide the open lines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from prefect import task
from prefect.artifacts import Artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import JudgementForm, YearForm
from models.facts import Severity
from tasks.stages import comparing, findings, scoring


@task(name="跨部门核对", cache_policy=NO_CACHE)
def compare(fiscal_year: int) -> str:
    """Compare departments and years (跨部门核对), settle the findings and write their workbook (疑点清单)."""
    comparing.compare_all(fiscal_year)
    findings.settle(fiscal_year)
    written = findings.write_workbook(fiscal_year)
    loud = {Severity.ERROR: "前后不一致", Severity.QUESTION: "需要判断"}
    told = "，".join(f"{label}{written['counts'][severity]}处" for severity, label in loud.items())
    return f"疑点：{told}，已排除{written['dismissed']}处，见{written['file']}。"


@task(name="为一个部门评分", task_run_name="评分-{department}", cache_policy=NO_CACHE)
def score_one(fiscal_year: int, submission_id: int, department: str) -> dict[str, Any]:
    """Score one department (为一个部门评分) and show its card, unless the same card is shown already."""
    row = scoring.score_one(submission_id)
    key, page = card_key(fiscal_year, row["code"]), scoring.page_of(submission_id)
    shown = cast(Artifact | None, Artifact.get(key))
    if shown is None or shown.data != page:
        create_markdown_artifact(markdown=page, key=key, description=f"{department}{fiscal_year}年度评分表")
    return row


def card_key(fiscal_year: int, code: str) -> str:
    """The artifact key of a department's card (评分表编号): a-z, 0-9 and hyphens, one for each code."""
    plain = re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")
    mark = "" if plain == code else f"-{hashlib.sha256(code.encode()).hexdigest()[:6]}"
    return f"card-{fiscal_year}-{plain}{mark}".replace("--", "-")


@flow(name="评分", flow_run_name="{form.fiscal_year}年度-评分")
def score_submissions(form: YearForm) -> State[Any]:
    """Score the accepted material (评分). Who has sent nothing acceptable by now is marked as not submitted (未报送)."""
    year = form.fiscal_year
    missing = scoring.start_scoring(year)
    doubts = compare(year)
    rows = [score_one(year, submission_id, department) for submission_id, department in scoring.to_score(year)]
    scoring.finish_scoring(year)
    reporting.show_table(f"scores-{year}", f"{year}年度评分", [_department(row) for row in rows])
    reporting.show_table(f"project-scores-{year}", f"{year}年度项目支出自评与计算", list(_projects(rows)))
    open_lines = sum(len(r["open"]) for r in rows)
    more = f"未报送：{'、'.join(missing)}。" if missing else ""
    return reporting.done(f"已评分{len(rows)}个部门，{open_lines}项待人工判定。{doubts}{more}")


def _department(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "代码": row["code"],
        "部门": row["name"],
        "自评": row["claimed"],
        "计算": row["computed"],
        "差异": _gap(row),
        "待人工判定": row["open"],
        "项目": len(row["projects"]),
    }


def _projects(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every project, claimed and computed (项目自评与计算)."""
    for row in rows:
        for project in row["projects"]:
            yield {
                "代码": row["code"],
                "部门": row["name"],
                "项目": project["name"],
                "自评": project["claimed"],
                "计算": project["computed"],
                "差异": _gap(project),
                "待判定": project["open"],
                "说明": project["told"],
            }


def _gap(row: Mapping[str, Any]) -> Decimal | None:
    if row["claimed"] is None or row["computed"] is None:
        return None
    return Decimal(row["claimed"]) - Decimal(row["computed"])


@flow(name="人工判定", flow_run_name="{form.fiscal_year}年度-判定-{form.department}-{form.rule}")
def record_judgement(form: JudgementForm) -> State[Any]:
    """Record a person's decision on a line the rules cannot decide (人工判定), with the reason."""
    made = scoring.record_judgement(
        form.fiscal_year, form.department, form.rule, form.score, form.reason, form.operator
    )
    return reporting.done(f"{form.department}的{form.rule}判定为{made.score}分。")
