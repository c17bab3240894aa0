"""What a practice year came to (演练结果): a table of results, and where letters, site and workbooks lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from models.numbers import trimmed
from models.records import Department, Submission
from models.rules.cards import Outcome
from models.states import SubmissionState
from tasks import lookup, store
from tasks.practice import catcher, paperpost


def show(console: Console, home: Path, fiscal_year: int) -> None:
    """Print the results and the places to look (打印结果)."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        rows = [_row(db, s, d) for s, d in lookup.submissions(db, cycle)]
        state = cycle.state.label
    table = Table(padding=(0, 0), title=f"{fiscal_year}年度部门整体支出绩效评价结果（{state}）")
    for column in ("代码", "部门", "报送", "自评", "复核", "偏离度", "扣分", "最终得分", "等级"):
        left = column in ("代码", "部门", "报送", "等级")
        table.add_column(column, justify="left" if left else "right", no_wrap=column != "报送", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    brought = len(paperpost.letters(home / "mail" / "paper"))
    letters = len(catcher.letters(home / "mail" / "out"))
    for label, path in (
        (f"函件（{letters}封）", home / "mail" / "out"),
        (f"另行送达的函件（{brought}封）", home / "mail" / "paper"),
        ("公开网站", home / "site" / "index.html"),
        ("结果工作簿", home / "results" / "results.xlsx"),
        ("抽查记录", home / "spot-check.json"),
        ("文书", home / "documents"),
        ("审计日志", home / "audit.jsonl"),
        ("业务数据库", home / "jixiao.db"),
    ):
        missing = "" if path.exists() else "（尚未生成）"
        console.print(f"  {label}：{path.resolve()}{missing}", soft_wrap=True)


def _row(db: Any, submission: Submission, department: Department) -> list[str]:
    kept = lookup.versions(db, submission)
    late = kept[0].days_late if kept else 0
    returned = bool(kept) and submission.state is SubmissionState.NOT_SUBMITTED
    # What came was sent back and never corrected: that is not silence.
    state = "退回后未改正" if returned else submission.state.label
    told = f"{state}{f'，逾期{late}个工作日' if late else ''}"
    row = lookup.outcome_in_force(db, submission)
    if row is None or submission.state is not SubmissionState.ACCEPTED:
        return [department.code, department.name, told, "—", "—", "—", "—", "—", "—"]
    outcome = Outcome.model_validate(row.outcome)
    deviation = outcome.deviation
    return [
        department.code,
        department.name,
        told,
        _points(outcome.self_score),
        _points(outcome.review_score) if outcome.spot_checked else "未抽查",
        deviation.shown if deviation else "—",
        _points(outcome.deduction) if outcome.spot_checked else "—",
        _points(outcome.final_score),
        outcome.grade.name if outcome.grade else "—",
    ]


def _points(value: Any) -> str:
    return "—" if value is None else trimmed(value)
