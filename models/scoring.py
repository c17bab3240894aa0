"""Scoring a department (评分): every line from the report, the bureau's figures and a cited rule."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from models.document import FileIdentity
from models.facts import ReportFacts
from models.figures import BureauFigures
from models.numbers import trimmed
from models.rules.cards import Outcome, OutcomeLine, ScoreCard, ScoreLine
from models.rules.claims import claim_for
from models.rules.hints import with_hints
from models.rules.kinds import self_accuracy
from models.rules.project_cards import ProjectCard, ProjectLine, ProjectOutcome
from models.rules.project_settling import settle_project
from models.rules.projects import score_project
from models.rules.registry import kind_of
from models.rules.schema import Rule, RuleSet
from models.rules.settling import rounded_fraction, settle
from models.rules.verdict import LineStatus, ScoreInput, Verdict, needs_person

__all__ = [
    "LineStatus",
    "Outcome",
    "OutcomeLine",
    "ProjectCard",
    "ProjectLine",
    "ProjectOutcome",
    "ScoreCard",
    "ScoreInput",
    "ScoreLine",
    "score",
    "score_project",
    "settle",
    "settle_project",
]

NOTHING_SENT = ReportFacts(file=FileIdentity(name="（未报送）", sha256="", format="none"))


def score(facts: ReportFacts | None, figures: BureauFigures, ruleset: RuleSet) -> ScoreCard:
    """The score card of one department (部门评分卡). Pure: the same input gives the same card.

    ``facts`` None: nothing was handed in; lines that need the report then need a person. Points are rounded per line.
    """
    told = facts or NOTHING_SENT
    lines = tuple(_line(rule, told, figures, ruleset) for rule in ruleset.rules)
    claimable = [line for line in lines if line.counts]
    claims = [line.claimed for line in claimable]
    points = [line.computed for line in claimable]
    return ScoreCard(
        department=figures.department,
        fiscal_year=figures.fiscal_year,
        ruleset_id=ruleset.id,
        ruleset_digest=ruleset.digest,
        lines=lines,
        claimed_total=told.self_score,
        sum_of_claims=_sum(claims),
        computed_total=_sum(points),
        open_lines=tuple(line.rule for line in lines if line.status is LineStatus.NEEDS_PERSON),
        notes=tuple(_notes(told, figures, ruleset, facts is None)),
    )


def _line(rule: Rule, facts: ReportFacts, figures: BureauFigures, ruleset: RuleSet) -> ScoreLine:
    verdict = with_hints(_verdict(rule, facts, figures), facts, figures.fiscal_year)
    claim = claim_for(rule, facts)
    points = None if verdict.points is None else rounded_fraction(verdict.points, ruleset.rounding.places)
    formula = verdict.formula
    if points is not None:
        sign = "＝" if verdict.points == Fraction(points) else "≈"
        formula = f"{formula}，得{trimmed(points)}分" if verdict.stated else f"{formula}{sign}{trimmed(points)}分"
    forbidden = (
        f"此项部门自评时不填，报告中填写的{trimmed(claim.points)}分不计入。" if claim.points is not None else None
    )
    return ScoreLine(
        rule=rule.id,
        label=rule.label,
        group=rule.group,
        maximum=rule.maximum,
        claimed=claim.points,
        claim_source=claim.source,
        counts=rule.claimed_by_department,
        note=claim.note if rule.claimed_by_department else forbidden,
        computed=points,
        status=verdict.status,
        reason=verdict.reason,
        formula=formula,
        inputs=verdict.inputs,
        citation=rule.citation,
    )


def _verdict(rule: Rule, facts: ReportFacts, figures: BureauFigures) -> Verdict:
    kind = kind_of(rule)
    if rule.maximum is None and kind.name != self_accuracy.NAME:
        return needs_person("本评价规则尚未确认该指标的分值，请评价人员依据当年文件判定。")
    verdict = kind.decide(rule, kind.params.model_validate(rule.params), facts, figures)
    if verdict.points is not None and not 0 <= verdict.points <= (rule.maximum or 0):
        raise ValueError(f"指标“{rule.label}”算得{verdict.points}分，超出0至{rule.maximum}分，请检查规则参数。")
    return verdict


def _sum(values: list[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if values and len(known) == len(values) else None


def _notes(facts: ReportFacts, figures: BureauFigures, ruleset: RuleSet, nothing: bool) -> list[str]:
    notes = []
    if nothing:
        notes.append("该部门未报送自评材料，涉及报告内容的指标须由评价人员判定。")
    if facts.fiscal_year is not None and facts.fiscal_year != str(figures.fiscal_year):
        notes.append(f"报告的年度是{facts.fiscal_year}，评价的年度是{figures.fiscal_year}，请核实报送材料。")
    if figures.fiscal_year not in ruleset.effective_years:
        years = "、".join(str(year) for year in ruleset.effective_years)
        notes.append(f"评价规则“{ruleset.title}”适用于{years}年度，本次用于{figures.fiscal_year}年度。")
    top = ruleset.claimable_maximum
    if facts.self_score is not None and top is not None and facts.self_score > top:
        notes.append(f"报告所写自评总分{trimmed(facts.self_score)}分，超过部门自评满分{trimmed(top)}分。")
    return notes
