"""``jixiao rules``: look at rule sets, compare them, run their worked cases, print the rule book (评价规则命令)."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from models.numbers import trimmed
from models.rules import RuleSet, available, load
from models.rules.authored import json_schema
from models.rules.book import book as make_book
from models.rules.cases import cases_of, run
from models.rules.difference import difference
from models.rules.registry import kind_of
from models.rules.schema import Rule
from models.rules.wording import listed
from models.sampling import parsed, redraw, verify


def list_rules(console: Console | None = None) -> int:
    """``jixiao rules list``: every rule set that comes with the software (评价规则一览). Returns the exit code."""
    out = console or Console()
    table = Table(title="评价规则", header_style="bold", show_lines=False)
    for heading in ("编号", "名称", "年度", "满分", "指标", "继承自", "算例", "指纹"):
        table.add_column(heading, overflow="fold")
    for ruleset_id in available():
        ruleset = load(ruleset_id)
        table.add_row(
            ruleset.id,
            ruleset.title,
            "、".join(str(year) for year in ruleset.effective_years),
            trimmed(ruleset.total) if ruleset.complete else "部分未知",
            str(len(ruleset.rules)),
            ruleset.extends[-1] if ruleset.extends else "",
            str(len(cases_of(ruleset.id))),
            ruleset.digest[:12],
        )
    out.print(table)
    return 0


def show_rules(id_or_path: str, console: Console | None = None) -> int:
    """``jixiao rules show ID``: the lines of one rule set with their choices and citations (评价规则内容)."""
    out = console or Console()
    ruleset = load(id_or_path)
    out.print(Panel("\n".join(_header(ruleset)), title=ruleset.title))
    table = Table(header_style="bold", show_lines=True)
    for heading in ("一级指标", "指标", "分值", "计分标准", "计分方式与参数", "依据"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "分值" else "left")
    for rule in ruleset.rules:
        points = "未知" if rule.maximum is None else trimmed(rule.maximum)
        table.add_row(rule.level1, rule.label, points, rule.criterion, _settings(rule), rule.citation.spoken())
    out.print(table)
    choices = Table(title="原文没有写明、由本规则选定的处理", header_style="bold", show_lines=True)
    for heading in ("指标", "问题", "处理", "状态"):
        choices.add_column(heading, overflow="fold")
    for rule in ruleset.rules:
        for note in rule.policies:
            choices.add_row(rule.label, note.question, note.choice, "已确认" if note.confirmed else "待确认")
    if choices.row_count:
        out.print(choices)
    if ruleset.overrides:
        changes = Table(title=f"对“{ruleset.extends[-1]}”的调整", header_style="bold", show_lines=True)
        for heading in ("参数", "原为", "改为", "理由", "依据"):
            changes.add_column(heading, overflow="fold")
        for change in ruleset.overrides:
            changes.add_row(change.place, change.before, change.after, change.reason, change.citation.spoken())
        out.print(changes)
    return 0


def diff_rules(left: str, right: str, console: Console | None = None) -> int:
    """``jixiao rules diff A B``: what two rule sets do differently, as a table (评价规则对照). Returns 0 either way."""
    out = console or Console()
    one, other = load(left), load(right)
    rows = difference(one, other)
    if not rows:
        out.print(f"“{one.title}”与“{other.title}”的规则内容相同。")
        return 0
    table = Table(title=f"{one.title} 与 {other.title} 的不同（{len(rows)}处）", header_style="bold", show_lines=True)
    for heading in ("位置", one.id, other.id):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(row.place, row.left, row.right)
    out.print(table)
    return 0


def try_cases(ruleset_id: str | None = None, console: Console | None = None) -> int:
    """``jixiao rules test``: run the worked cases beside the rule sets (算例验算). 1 if one does not come out."""
    out = console or Console()
    failed = 0
    for name in (ruleset_id,) if ruleset_id else available():
        ruleset, cases = load(name), cases_of(name)
        wrong = [(case, problems) for case in cases if (problems := run(case, ruleset))]
        failed += len(wrong)
        state = "全部相符" if not wrong else f"{len(wrong)}个不符"
        out.print(f"{name}：{len(cases)}个算例，{state}。")
        for case, problems in wrong:
            out.print(f"  ✗ {case.name}：{'；'.join(problems)}")
    return 1 if failed else 0


def book_rules(id_or_path: str, target: Path, console: Console | None = None) -> int:
    """``jixiao rules book ID``: write the printable rule book as HTML to ``target`` (评价规则手册)."""
    out = console or Console()
    ruleset = load(id_or_path)
    packaged = ruleset.id in available() and load(ruleset.id).digest == ruleset.digest
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(make_book(ruleset, cases_of(ruleset.id) if packaged else ()), encoding="utf-8")
    out.print(f"已生成规则手册：{target}（用浏览器打开，可直接打印）。")
    return 0


def print_schema(console: Console | None = None) -> int:
    """``jixiao rules schema``: the JSON Schema of a rule-set file (规则文件格式)."""
    out = console or Console()
    text = json.dumps(json_schema(), ensure_ascii=False, indent=2, sort_keys=True)
    out.print(text, markup=False, highlight=False, soft_wrap=True)
    return 0


def repeat_draw(record: Path, console: Console | None = None) -> int:
    """``jixiao rules redraw FILE``: repeat a spot-check draw from its JSON record (按记录重做抽签). 1 if it differs."""
    out = console or Console()
    try:
        told = parsed(record.read_text(encoding="utf-8"))
        again = redraw(told)
    except OSError as error:
        out.print(f"读不到抽签记录“{record}”：{error.strerror}。请检查路径。")
        return 1
    except ValueError as error:
        out.print(f"“{record}”不是完整的抽签记录，无法重做：{str(error).splitlines()[0]}")
        return 1
    table = Table(title=f"抽签重做：种子“{again.seed}”，算法{again.algorithm}", header_style="bold")
    for heading in ("分层", "部门", "代码", "入样概率", "记录", "重做"):
        table.add_column(heading, overflow="fold")
    before = {unit.code: unit.drawn for unit in told.units}
    for unit in again.units:
        if unit.drawn or before[unit.code]:
            marks = ("抽中" if before[unit.code] else "未抽中", "抽中" if unit.drawn else "未抽中")
            table.add_row(unit.stratum, unit.name, unit.code, unit.ratio, *marks)
    out.print(table)
    same = verify(told)
    out.print("记录与重做的结果完全相同。" if same else "记录与重做的结果不同：种子、名单、概率或结果被改动过。")
    return 0 if same else 1


def _header(ruleset: RuleSet) -> list[str]:
    years = "、".join(str(year) for year in ruleset.effective_years)
    top = ruleset.claimable_maximum
    claim = "" if top is None else f"，部门自评满分{trimmed(top)}分"
    lines = [
        f"编号 {ruleset.id}，第{ruleset.version}版，适用{years}年度，满分{trimmed(ruleset.total)}分{claim}",
        f"依据 {ruleset.citation.spoken()}",
        f"指纹 {ruleset.digest}",
    ]
    lines += [ruleset.citation.note] if ruleset.citation.note else []
    return lines + [f"· {note}" for note in ruleset.notes]


def _settings(rule: Rule) -> str:
    title = kind_of(rule).title
    return f"{title}：{listed(rule.params)}" if rule.params else title
