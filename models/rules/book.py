"""A printable rule book (评价规则手册) made from the data: one HTML page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from models.numbers import Number, trimmed
from models.rules.cases import WorkedCase
from models.rules.registry import kind_of
from models.rules.schema import Citation, Rule, RuleSet, canonical
from models.rules.wording import listed, setting, spoken

STYLE = """
@page { size: A4; margin: 20mm 18mm; }
body { font-family: "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", serif; color: #1d2733; line-height: 1.7;
  max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; text-align: center; margin-bottom: .2rem; }
h2 { font-size: 1.2rem; border-bottom: 2px solid #8c1d18; color: #8c1d18; margin-top: 2rem; padding-bottom: .2rem; }
h3 { font-size: 1.05rem; margin: 1.2rem 0 .2rem; }
p { margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .92rem; }
th, td { border: 1px solid #9aa5b1; padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: #f3efe6; }
td.state { white-space: nowrap; }
td.points, th.points { text-align: right; white-space: nowrap; }
.sub, .cite { color: #5b6875; font-size: .88rem; }
.sub { text-align: center; }
.doubt { background: #fff4d6; padding: .1rem .35rem; border-radius: .2rem; }
.rule { break-inside: avoid; }
table.settings td:first-child { width: 11rem; }
code { font-family: "Noto Sans Mono CJK SC", monospace; font-size: .85em; overflow-wrap: anywhere; }
"""

UNCONFIRMED = '<span class="doubt">待确认</span>'


def book(ruleset: RuleSet, cases: Iterable[WorkedCase] = ()) -> str:
    """The rule book of one set as HTML (评价规则手册). The same set always gives the same bytes."""
    body = "".join(
        (
            _head(ruleset),
            _overview(ruleset),
            "<h2>各项指标</h2>",
            *(_rule(rule) for rule in ruleset.rules),
            _common(ruleset),
            _changes(ruleset),
            _cases(list(cases)),
        )
    )
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(ruleset.title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _head(ruleset: RuleSet) -> str:
    years = "、".join(f"{year}年度" for year in ruleset.effective_years)
    number = f"（{ruleset.number}）" if ruleset.number else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in ruleset.notes)
    return (
        f"<h1>{escape(ruleset.title)}</h1>"
        f'<p class="sub">编号 {escape(ruleset.id)} · 第{escape(ruleset.version)}版 · 适用{years}</p>'
        f'<p class="sub">{escape(ruleset.authority)} 《{escape(ruleset.document)}》{escape(number)}</p>'
        f'<p class="sub">规则指纹 <code>{ruleset.digest}</code></p>{_doubt(ruleset.citation)}'
        + (f"<ul>{notes}</ul>" if notes else "")
    )


def _doubt(citation: Citation) -> str:
    note = f'<p class="cite">{escape(citation.note)}</p>' if citation.note else ""
    return note if citation.confirmed else f'<p><span class="doubt">依据待确认</span></p>{note}'


def _overview(ruleset: RuleSet) -> str:
    rows = "".join(
        f"<tr><td>{escape(rule.level1)}</td><td>{escape(rule.level2)}</td><td>{escape(rule.label)}</td>"
        f'<td class="points">{_points(rule.maximum)}</td><td>{"部门自评" if rule.claimed_by_department else "复核后计算"}</td></tr>'
        for rule in ruleset.rules
    )
    top = ruleset.claimable_maximum
    claim = "" if top is None else f"，部门自评满分{trimmed(top)}分"
    total = f"满分{trimmed(ruleset.total)}分{claim}" if ruleset.complete else "部分指标的分值未知，补齐后才能计算总分"
    return (
        f"<h2>指标一览</h2><p>{total}。</p><table><thead><tr><th>一级指标</th><th>二级指标</th><th>三级指标</th>"
        f'<th class="points">分值</th><th>由谁评分</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _points(value: Number | None) -> str:
    return "未知" if value is None else trimmed(value)


def _rule(rule: Rule) -> str:
    policies = "".join(
        f"<tr><td>{escape(note.question)}</td><td>{escape(note.choice)}</td>"
        f"<td class='state'>{'已确认' if note.confirmed else UNCONFIRMED}</td></tr>"
        for note in rule.policies
    )
    table = (
        f"<table><thead><tr><th>原文没有写明的问题</th><th>本规则的处理</th><th>状态</th></tr></thead><tbody>{policies}</tbody></table>"
        if policies
        else ""
    )
    params = f"<p class='cite'>参数：{escape(listed(rule.params))}</p>" if rule.params else ""
    points = "分值未知" if rule.maximum is None else f"{trimmed(rule.maximum)}分"
    return (
        f'<section class="rule"><h3>{escape(rule.label)}（{points}）</h3><p>{escape(rule.criterion)}</p>'
        f"<p class='cite'>计分方式：{escape(kind_of(rule).title)}。依据：{escape(rule.citation.spoken())}</p>{params}{table}</section>"
    )


def _common(ruleset: RuleSet) -> str:
    bands = "".join(
        f'<tr><td>{escape(ruleset.deviation.label(i))}</td><td class="points">{trimmed(band.deduction)}</td></tr>'
        for i, band in enumerate(ruleset.deviation.bands)
    )
    grades = "".join(
        f'<tr><td>{escape(band.name)}</td><td class="points">{trimmed(band.lower)}</td></tr>'
        for band in ruleset.grade_bands
    )
    parts = (
        ("抽查办法", ruleset.spot_check),
        ("退回条件", ruleset.acceptance),
        ("工作日程", ruleset.calendar),
        ("整改口径", ruleset.remediation),
        ("项目自评口径", ruleset.project),
    )
    rest = "".join(
        f"<h3>{title}{'' if getattr(part, 'confirmed', True) else ' ' + UNCONFIRMED}</h3><table class='settings'><tbody>"
        + "".join(
            f"<tr><td>{escape(setting(name))}</td><td>{escape(spoken(value, name))}</td></tr>"
            for name, value in canonical(part).items()
        )
        + "</tbody></table>"
        for title, part in parts
    )
    deviation = (
        "<h2>偏离度</h2><table><thead><tr><th>自评得分与复核得分的偏离度</th><th class='points'>扣分</th></tr></thead>"
        f"<tbody>{bands}</tbody></table>"
        if any(not rule.claimed_by_department for rule in ruleset.rules)
        else ""
    )
    return (
        f"{deviation}<h2>等级</h2><table><thead><tr><th>等级</th><th class='points'>最低分（含）</th></tr></thead>"
        f"<tbody>{grades}</tbody></table><h2>其他约定</h2>{rest}"
    )


def _changes(ruleset: RuleSet) -> str:
    if not ruleset.overrides:
        return ""
    rows = "".join(
        f"<tr><td>{escape(note.place)}</td><td>{escape(note.before)}</td><td>{escape(note.after)}</td>"
        f"<td>{escape(note.reason)}<br><span class='cite'>{escape(note.citation.spoken())}</span></td></tr>"
        for note in ruleset.overrides
    )
    return (
        f"<h2>对所继承规则（{escape('、'.join(ruleset.extends))}）的调整</h2><table><thead><tr><th>参数</th><th>原为</th>"
        f"<th>改为</th><th>理由与依据</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _cases(cases: list[WorkedCase]) -> str:
    items = "".join(f"<li>{escape(case.name)}</li>" for case in cases)
    return f"<h2>算例（随软件逐个验算）</h2><ol>{items}</ol>" if items else ""
