"""``jixiao read FILE... [--json] [--ocr]`` (读取报告): what the files say, as JSON or as a page for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.document import Source
from models.facts import IndicatorLine, Operator, ReportFacts, ReportKind, Severity
from models.numbers import trimmed
from tasks.read_report import ReadOutcome, read_reports

KINDS = {
    ReportKind.DEPARTMENT: "部门整体支出绩效自评",
    ReportKind.PROJECT: "项目支出绩效自评",
    ReportKind.FINAL_ACCOUNTS: "部门决算",
}
SEVERITIES = {
    Severity.ERROR: ("不一致", "red"),
    Severity.QUESTION: ("待判断", "yellow"),
    Severity.INFORMATION: ("提示", "cyan"),
    Severity.CONFIRMED: ("已核实", "green"),
}
# What fits on a screen; the JSON has everything.
_SHOWN_ROWS = 40
_QUOTE = 60


def read(files: Sequence[Path], as_json: bool, ocr: bool) -> int:
    """Read ``files`` and print what they say (读取并输出). Returns 0 if every file was read, 2 if any was not."""
    outcomes = read_reports(files, ocr=ocr)
    return _print_json(outcomes) if as_json else _print_pages(outcomes)


def answer(outcome: ReadOutcome) -> dict[str, Any]:
    """The JSON object for one file (单个文件的JSON), as the documented interface has it."""
    if outcome.facts is not None:
        facts = outcome.facts.model_dump(mode="json")
        return {"file": facts.pop("file"), **facts}
    assert outcome.error is not None
    return {"file": outcome.file.model_dump(mode="json"), "error": outcome.error.model_dump(mode="json")}


def _print_json(outcomes: Iterable[ReadOutcome]) -> int:
    failed = False
    objects = []
    for outcome in outcomes:
        failed |= outcome.facts is None
        objects.append(json.dumps(answer(outcome), ensure_ascii=False, indent=1))
    sys.stdout.buffer.write(("[\n" + ",\n".join(objects) + "\n]\n").encode("utf-8", "replace"))
    sys.stdout.flush()
    return 2 if failed else 0


def _print_pages(outcomes: Iterable[ReadOutcome]) -> int:
    console = Console()
    failed = False
    for outcome in outcomes:
        if outcome.facts is None:
            failed = True
            assert outcome.error is not None
            console.print(
                Panel(
                    Text(outcome.error.message), title=Text(outcome.file.name), subtitle=outcome.error.code, style="red"
                )
            )
        else:
            console.print(page(outcome.facts))
    return 2 if failed else 0


def page(facts: ReportFacts) -> Panel:
    """One file for a person (一份文件的阅读页)."""
    parts: list[Any] = [_head(facts)]
    parts += [
        table
        for table in (
            _reports(facts), _projects(facts), _rubric(facts), _indicators(facts), _passages(facts),
            _questions(facts), _findings(facts),
        )
        if table is not None
    ]  # fmt: skip
    parts += [Text(f"提示：{warning}", style="yellow") for warning in facts.warnings]
    return Panel(Group(*parts), title=Text(facts.file.name), subtitle=f"{facts.file.format} · {facts.file.sha256[:12]}")


def _number(value: Decimal | None) -> str:
    return "—" if value is None else trimmed(value)


def _place(source: Source | None) -> str:
    return source.spoken() if source is not None else ""


def _short(text: str | None) -> str:
    folded = " ".join((text or "").split())
    return folded if len(folded) <= _QUOTE else f"{folded[:_QUOTE]}…"


def _grid(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table | None:
    if not rows:
        return None
    table = Table(title=f"{title}（{len(rows)}）", title_justify="left", title_style="bold", show_lines=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows[:_SHOWN_ROWS]:
        table.add_row(*(Text(cell) for cell in row))
    if len(rows) > _SHOWN_ROWS:
        table.caption = f"另有{len(rows) - _SHOWN_ROWS}行，加 --json 查看全部"
    return table


def _head(facts: ReportFacts) -> Table:
    table = Table.grid(padding=(0, 2))
    pages = f"，{facts.file.pages}页" if facts.file.pages else ""
    for label, value in (
        ("部门", facts.department or "没有读到"),
        ("年度", facts.fiscal_year or "没有读到"),
        ("自评得分", "没有读到" if facts.self_score is None else trimmed(facts.self_score)),
        ("等级", facts.grade or "未填写"),
        ("文件", f"{facts.file.format}{pages}{'，经文字识别' if facts.file.ocr else ''}"),
    ):
        table.add_row(Text(label, style="bold"), Text(value))
    return table


def _reports(facts: ReportFacts) -> Table | None:
    rows = [
        (r.id, KINDS[r.kind], _short(r.title), r.fiscal_year or "—", "空白" if r.score_blank else _number(r.self_score), _place(r.source))
        for r in facts.reports
    ]  # fmt: skip
    return _grid("报告", ("编号", "种类", "标题", "年度", "自评得分", "出处"), rows)


def _projects(facts: ReportFacts) -> Table | None:
    rows = [
        (
            _short(p.name), _number(p.budget), _number(p.adjusted), _number(p.executed), _number(p.execution_rate),
            _number(p.self_score), _place(p.source),
        )
        for p in facts.projects
    ]  # fmt: skip
    return _grid("项目（万元）", ("项目", "年初预算", "调整后预算", "执行数", "执行率%", "自评得分", "出处"), rows)


def _rubric(facts: ReportFacts) -> Table | None:
    rows = [
        ("/".join(filter(None, (r.level1, r.level2))), r.level3, _number(r.weight), _number(r.score), _place(r.source))
        for r in facts.rubric
    ]
    return _grid("部门整体评价指标", ("类别", "指标", "分值", "自评得分", "出处"), rows)


def _target(line: IndicatorLine) -> str:
    if line.target_text:
        unit = line.unit if line.unit and line.unit not in line.target_text else ""
        return f"{_short(line.target_text)}{unit}"
    sign = "" if line.operator in (None, Operator.TEXT) else str(line.operator)
    return f"{sign}{_number(line.target)}{line.unit or ''}"


def _indicators(facts: ReportFacts) -> Table | None:
    rows = [
        (
            _short(i.project or "部门整体"), "/".join(filter(None, (i.level1, i.level2))), _short(i.level3), _target(i),
            _short(i.actual_text) or _number(i.actual), _number(i.weight), _number(i.score), _place(i.source),
        )
        for i in facts.indicators
    ]  # fmt: skip
    return _grid("绩效指标", ("项目", "级别", "指标", "目标", "完成", "分值", "得分", "出处"), rows)


def _passages(facts: ReportFacts) -> Table | None:
    rows = [("存在问题", _short(p.text), _place(p.source)) for p in facts.problems]
    rows += [("改进措施", _short(p.text), _place(p.source)) for p in facts.measures]
    return _grid("问题与措施", ("种类", "内容", "出处"), rows)


def _questions(facts: ReportFacts) -> Table | None:
    return _grid("待确认", ("事项", "说明", "出处"), [(q.field, q.message, _place(q.source)) for q in facts.questions])


def _findings(facts: ReportFacts) -> Table | None:
    order = list(SEVERITIES)
    rows = [
        (SEVERITIES[f.severity][0], f.message, "；".join(_place(place.source) for place in f.places))
        for f in sorted(facts.findings, key=lambda finding: order.index(finding.severity))
        if f.severity is not Severity.CONFIRMED
    ]
    return _grid("疑点", ("级别", "说明", "出处"), rows)


def main() -> int:
    """Run the command without the console script (直接运行): ``python -m flows.commands.read FILE... [--json] [--ocr]``."""
    flags = {argument for argument in sys.argv[1:] if argument in {"--json", "--ocr"}}
    files = [Path(argument) for argument in sys.argv[1:] if argument not in flags]
    return read(files, "--json" in flags, "--ocr" in flags)


if __name__ == "__main__":
    sys.exit(main())
