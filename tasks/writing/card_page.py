"""A score card as a page for staff (评分表页面): Markdown, as the Prefect UI shows it, with everything a line rests on."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from models.document import Frozen
from models.numbers import trimmed
from models.rules.cards import ScoreCard, ScoreLine
from models.rules.project_cards import ProjectCard, ProjectLine
from models.rules.verdict import ScoreInput

_MARKS = re.compile(r"([\\`*_{}\[\]|#~!])")
_ORIGINS = {"report": "自评报告", "bureau": "财政数据"}
_DIGEST_SHOWN = 12


class CardView(Frozen):
    """What the page shows (评分表页面内容). ``number`` is the card's version, ``project_citations`` what project lines rest on."""

    department: str
    card: ScoreCard
    number: int
    inputs_digest: str
    ruleset: str
    project_citations: tuple[str, ...] = ()


def card_page(view: CardView) -> str:
    """The card as Markdown (评分表页面). Whatever a department wrote is escaped: the page renders HTML and Markdown."""
    card = view.card
    parts = [
        f"### {_safe(view.department)} {card.fiscal_year}年度评分表（第{view.number}版）",
        f"自评总分 {_points(card.claimed_total)}，自评各项合计 {_points(card.sum_of_claims)}，"
        f"计算 {_points(card.computed_total)}，差异 {_gap(card.claimed_total, card.computed_total)}。",
        _table(("指标", "分值", "自评", "计算", "差异", "怎样得来", "依据"), map(_department_row, card.lines)),
        *_notes(card.notes),
    ]
    if card.projects:
        parts += [f"### 项目支出自评（{len(card.projects)}个）", _overview(card.projects)]
        parts += [f"依据：{_safe('；'.join(view.project_citations))}。"] if view.project_citations else []
        parts += [text for number, project in enumerate(card.projects, 1) for text in _project(number, project)]
    parts.append(
        f"评价规则：{_safe(view.ruleset)}（{_safe(card.ruleset_id)}，摘要 `{card.ruleset_digest[:_DIGEST_SHOWN]}`）；"
        f"评分依据摘要 `{view.inputs_digest[:_DIGEST_SHOWN]}`。用 jixiao verify 可由保存的依据重新计算。"
    )
    return "\n\n".join(parts) + "\n"


def _department_row(line: ScoreLine) -> tuple[str, ...]:
    claimed = line.claimed if line.counts else None
    how = [line.formula or "", f"需人工判定：{line.reason}" if line.reason else "", line.note or "", _from(line.inputs)]
    return (
        _safe(line.label),
        _points(line.maximum),
        _points(line.claimed),
        _points(line.computed),
        _gap(claimed, line.computed),
        "<br>".join(_safe(part) for part in how if part),
        _safe(line.citation.spoken()),
    )


def _overview(projects: Sequence[ProjectCard]) -> str:
    rows = (
        (
            _safe(card.project),
            _points(card.claimed_total),
            _points(card.computed_total),
            _gap(card.claimed_total, card.computed_total),
            str(len(card.open_lines)),
            _safe(card.total_explanation),
        )
        for card in projects
    )
    return _table(("项目", "自评", "计算", "差异", "待判定", "说明"), rows)


def _project(number: int, card: ProjectCard) -> list[str]:
    """The lines of a project; one that the report only lists has none to show."""
    if not card.lines:
        return []
    head = f"#### {number}. {_safe(card.project)}"
    return [
        head,
        _table(("指标", "权重", "自评", "计算", "差异", "怎样得来"), map(_project_row, card.lines)),
        *_notes(card.notes),
    ]


def _project_row(line: ProjectLine) -> tuple[str, ...]:
    how = [line.formula or "", f"需人工判定：{line.reason}" if line.reason else "", _from(line.inputs)]
    return (
        _safe(line.label),
        _points(line.weight),
        _points(line.claimed),
        _points(line.computed),
        _gap(line.claimed, line.computed),
        "<br>".join(_safe(part) for part in how if part),
    )


def _from(inputs: Iterable[ScoreInput]) -> str:
    """What a line was computed from, each with its place (计算依据)."""
    return "；".join(
        f"{one.label}{_value(one)}（{_ORIGINS[one.origin]}{one.source.spoken() if one.source else ''}）"
        for one in inputs
    )


def _value(one: ScoreInput) -> str:
    return one.text or "空白" if one.value is None else f"{trimmed(one.value)}{one.unit or ''}"


def _notes(notes: Sequence[str]) -> list[str]:
    return ["\n".join(f"- {_safe(note)}" for note in notes)] if notes else []


def _points(value: Decimal | None) -> str:
    return "—" if value is None else trimmed(value)


def _gap(claimed: Decimal | None, computed: Decimal | None) -> str:
    """Claimed minus computed (自评与计算之差), shown with its sign; a dash where one of them is missing."""
    if claimed is None or computed is None:
        return "—"
    gap = claimed - computed
    return f"+{trimmed(gap)}" if gap > 0 else trimmed(gap)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _safe(text: str) -> str:
    return _MARKS.sub(r"\\\1", html.escape(" ".join(text.split())))
