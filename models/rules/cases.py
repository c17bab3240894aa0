"""Worked cases (算例) beside a rule set: small, readable, and run as tests and by ``jixiao rules test``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError

from models.deviation import assess
from models.document import FileIdentity, Source
from models.facts import IndicatorLine, ProjectFacts, ReportFacts, RubricLine
from models.figures import BureauFigures
from models.numbers import Number, trimmed
from models.remediation import problem, repeated, reviewed_problem, severity_of
from models.rules.authored import Authored
from models.rules.loading import CASES, FOLDER, read_yaml
from models.rules.schema import RuleSet, RuleSetError
from models.scoring import score, score_project, settle
from models.states import RectificationOrigin

HERE = Source(quote="算例")


class CaseProblem(Authored):
    """A problem as a case gives it (算例中的整改问题)."""

    origin: RectificationOrigin
    text: str = "算例问题"
    score: Number | None = None
    maximum: Number | None = None
    earlier: list[str] = []


class WorkedCase(Authored):
    """One case (算例). What is given decides what is run:

    ``deviation`` the two scores; ``remediation`` a problem, with the points and the maximum of a reviewed line and the texts
    of ``earlier`` problems; ``project``, or a project rule set, a project with its indicators;
    else a department: one ``rule`` or all lines.
    ``claims``, ``reviewed`` and ``judgements`` map rule ids to points. ``expect`` names the fields that must come out.
    """

    name: str
    rule: str | None = None
    fiscal_year: int = 2023
    figures: dict[str, Number] = {}
    texts: dict[str, str] = {}
    projects: list[str] = []
    indicators: list[dict[str, Any]] = []
    project: dict[str, Any] | None = None
    deviation: tuple[Number, Number] | None = None
    remediation: CaseProblem | None = None
    claims: dict[str, Number] = {}
    claimed_total: Number | None = None
    judgements: dict[str, Number] = {}
    reviewed: dict[str, Number] | None = None
    expect: dict[str, Any]


class CaseFile(Authored):
    """The cases of one rule set (算例文件)."""

    ruleset: str
    cases: list[WorkedCase]


def cases_of(ruleset_id: str) -> tuple[WorkedCase, ...]:
    """The worked cases of a packaged rule set (评价规则的算例); empty where it has none. Raises RuleSetError."""
    name = f"{ruleset_id}{CASES}"
    if not (FOLDER / name).is_file():
        return ()
    try:
        file = CaseFile.model_validate(read_yaml((FOLDER / name).read_text(encoding="utf-8"), name))
    except ValidationError as error:
        raise RuleSetError(f"算例文件“{name}”有误：{error.errors()[0]['loc']} {error.errors()[0]['msg']}") from error
    if file.ruleset != ruleset_id:
        raise RuleSetError(f"算例文件“{name}”写的评价规则是“{file.ruleset}”，须与文件名一致。")
    return tuple(file.cases)


def run(case: WorkedCase, ruleset: RuleSet) -> tuple[str, ...]:
    """What came out otherwise than expected (不符之处), one sentence each; empty when the case holds."""
    if case.deviation is not None:
        told = assess(*case.deviation, ruleset.deviation)
        return _compare(case.expect, told.model_dump())
    if case.remediation is not None:
        return _compare(case.expect, _remediation(case.remediation, ruleset))
    if case.project is not None or ruleset.subject == "project":
        return _compare(case.expect, _project(case, ruleset))
    return _compare(case.expect, _department(case, ruleset))


def _remediation(case: CaseProblem, ruleset: RuleSet) -> dict[str, Any]:
    policy = ruleset.remediation
    if case.origin is RectificationOrigin.REVIEW:
        if case.score is None:
            raise RuleSetError("复核意见的整改算例须写明该项得分（score）。")
        found = reviewed_problem(case.text, case.score, case.maximum, policy)
    else:
        found = problem(case.origin, case.text, policy)
    again = repeated(case.text, [(text, text) for text in case.earlier], policy)
    severity = severity_of(found, again, policy)
    days = policy.within(severity, ruleset.calendar.rectify_days)
    return {"severity": severity, "evidence": found.evidence, "repeats": again is not None, "days": days}


def _project(case: WorkedCase, ruleset: RuleSet) -> dict[str, Any]:
    project = ProjectFacts.model_validate({"name": "算例项目", "source": HERE, **(case.project or {})})
    card = score_project(project, _indicators(case), ruleset)
    lines = {line.id: line for line in card.lines}
    if case.rule is not None:
        return lines[case.rule].model_dump(mode="python")
    return card.model_dump(mode="python")


def _department(case: WorkedCase, ruleset: RuleSet) -> dict[str, Any]:
    rubric = [
        RubricLine(level3=ruleset.rule(rule_id).label, score=points, source=HERE)
        for rule_id, points in case.claims.items()
    ]
    facts = ReportFacts(
        file=FileIdentity(name="算例", sha256="", format="case"),
        fiscal_year=str(case.fiscal_year),
        self_score=case.claimed_total,
        rubric=tuple(rubric),
        indicators=tuple(_indicators(case)),
        projects=tuple(ProjectFacts(name=name, source=HERE) for name in case.projects),
    )
    figures = BureauFigures.model_validate(
        {"department": "算例", "fiscal_year": case.fiscal_year, "values": case.figures, "texts": case.texts}
    )
    card = score(facts, figures, ruleset)
    if case.rule is not None:
        return card.line(case.rule).model_dump()
    if case.reviewed is None and not case.judgements:
        return card.model_dump()
    outcome = settle(card, judgements=case.judgements, reviewed=case.reviewed, ruleset=ruleset)
    told = card.model_dump() | outcome.model_dump()
    percent = outcome.deviation.percent if outcome.deviation else None
    grade = outcome.grade.name if outcome.grade else None
    return told | {"percent": percent, "grade": grade}


def _indicators(case: WorkedCase) -> list[IndicatorLine]:
    return [IndicatorLine.model_validate({"source": HERE, **line}) for line in case.indicators]


def _compare(expected: dict[str, Any], told: dict[str, Any]) -> tuple[str, ...]:
    """``reason`` and ``formula`` need only contain the expected words; everything else must be equal."""
    problems = []
    for name, want in expected.items():
        if name not in told:
            problems.append(f"结果中没有“{name}”")
            continue
        got = told[name]
        if name in ("reason", "formula", "total_explanation", "explanation"):
            fits = want in (got or "")
        else:
            fits = _plain(want) == _plain(got)
        if not fits:
            problems.append(f"{name} 应为 {_plain(want)}，算得 {_plain(got)}")
    return tuple(problems)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return trimmed(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    return str(value)


def as_yaml(case: WorkedCase) -> str:
    """A case as readable YAML (算例的文字形式), for messages and the rule book."""
    content = case.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
