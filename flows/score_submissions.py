"""评分: close the collection, compare the departments, compute every card, let people decide the open lines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows import pages, reporting, score_tables, sharing
from flows.desk import flow
from flows.forms import JudgementForm, YearForm
from models.facts import Severity
from models.states import SharedStep
from tasks.stages import approval_check, comparing, findings, scoring
from tasks.stages.sharing import Part


@task(name="跨部门核对", task_run_name="跨部门核对", cache_policy=NO_CACHE)
def compare(fiscal_year: int) -> str:
    """Compare departments and years (跨部门核对), settle the findings and write their workbook (疑点清单)."""
    comparing.compare_all(fiscal_year)
    approval_check.settle_all(fiscal_year)
    findings.settle(fiscal_year)
    written = findings.write_workbook(fiscal_year)
    loud = {Severity.ERROR: "前后不一致", Severity.QUESTION: "需要判断"}
    told = "，".join(f"{label}{written['counts'][severity]}处" for severity, label in loud.items())
    return f"疑点：{told}，已排除{written['dismissed']}处，见{written['file']}。"


@task(
    name="为一个部门评分",
    task_run_name="评分-{department}",
    cache_policy=NO_CACHE,
    # Scoring is due once a year: what only blinked must not cost a day.
    retries=2,
    retry_delay_seconds=[3, 15],
    retry_condition_fn=sharing.may_pass,
)
def score_one(fiscal_year: int, submission_id: int, department: str) -> dict[str, Any]:
    """Score one department (为一个部门评分) and show its card."""
    return _score(fiscal_year, Part(submission_id, department))


def _score(fiscal_year: int, part: Part) -> dict[str, Any]:
    """Score a department and show its card (评分并展示), unless the same card is shown already."""
    row = scoring.score_one(part.subject)
    key, page = card_key(fiscal_year, row["code"]), scoring.page_of(part.subject)
    pages.text(key, f"{part.label}{fiscal_year}年度评分表", page, once=True)
    return row


def _shown(fiscal_year: int, part: Part) -> Iterator[dict[str, Any]]:
    yield score_one(fiscal_year, part.subject, part.label)


def _plain(fiscal_year: int, part: Part) -> Iterator[dict[str, Any]]:
    yield _score(fiscal_year, part)


SCORING = sharing.Work(SharedStep.SCORE, _shown, _plain)


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
    carried = sharing.carry_out(SCORING, year, [Part(*one) for one in scoring.to_score(year)])
    if carried.broken:
        told = "；".join(f"{department}：{why}" for department, why in carried.broken.items())
        raise carried.error or scoring.ScoringError(f"未能全部评分，请排除后再运行。{told}")
    rows = carried.rows
    scoring.finish_scoring(year)
    reporting.show_table(f"scores-{year}", f"{year}年度评分", [score_tables.department(row) for row in rows])
    reporting.show_table(f"project-scores-{year}", f"{year}年度项目支出自评与计算", list(score_tables.projects(rows)))
    open_lines = sum(len(r["open"]) for r in rows)
    more = f"未报送：{'、'.join(missing)}。" if missing else ""
    return reporting.done(f"已评分{len(rows)}个部门，{open_lines}项待人工判定。{doubts}{more}")


@flow(name="人工判定", flow_run_name="{form.fiscal_year}年度-判定-{form.department}-{form.rule}")
def record_judgement(form: JudgementForm) -> State[Any]:
    """Record a person's decision on a line the rules cannot decide (人工判定), with the reason."""
    made = scoring.record_judgement(
        form.fiscal_year, form.department, form.rule, form.score, form.reason, form.operator
    )
    line = scoring.line_in_words(form.fiscal_year, form.department, form.rule)
    return reporting.done(f"{line}判定为{made.score}分。")
