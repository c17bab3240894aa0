"""Consistency checks (疑点核对): an auditor's eye over one report, and over reports of other departments and years."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from models.checks import (
    balances,
    budget_change,
    changes_twice,
    claims,
    completions,
    counts,
    coverage,
    department_targets,
    done,
    execution,
    execution_claims,
    function_items,
    growth,
    identities,
    lists,
    names,
    project_claims,
    project_costs,
    project_scores,
    project_tables,
    reasons,
    rubric,
    rubric_recomputed,
    shares,
    stated_twice,
    sums,
    targets,
    texts,
    unit_price,
    wording,
)
from models.checks.across import TITLES_ACROSS, Submission, SubmissionFinding, compare_submissions
from models.checks.approved import TITLES_APPROVED
from models.checks.findings import fingerprint
from models.checks.material import gather
from models.checks.registry import Check
from models.document import Document, Source
from models.facts import Finding, FindingPlace, ReportFacts, Severity

__all__ = [
    "CHECKS",
    "Check",
    "Submission",
    "SubmissionFinding",
    "compare_submissions",
    "examine",
    "fingerprint",
    "known_codes",
    "title_of",
]

CHECKS: tuple[Check, ...] = (
    sums.CHECK,
    identities.CHECK,
    identities.BOTH_SIDES,
    function_items.CHECK,
    growth.CHECK,
    growth.LARGE,
    changes_twice.CHECK,
    shares.CHECK,
    stated_twice.CHECK,
    counts.CHECK,
    balances.OVERALL,
    balances.ROWS,
    done.CHECK,
    execution.RATES,
    execution.SCORES,
    execution_claims.LOW,
    execution_claims.OVERALL,
    execution_claims.PROSE,
    budget_change.CHANGED,
    budget_change.HEADERS,
    targets.MISSED,
    targets.OVERSHOOT,
    targets.DIRECTION,
    completions.MISSING,
    completions.RANGES,
    completions.WEAK,
    completions.COPIED,
    completions.TERMS,
    completions.SATISFACTION,
    department_targets.COSTS,
    department_targets.COMPONENTS,
    department_targets.RATES,
    rubric.FORBIDDEN,
    rubric.MAXIMA,
    rubric.SUMS,
    rubric.GROUPS,
    rubric_recomputed.CHECK,
    claims.CHECK,
    unit_price.CHECK,
    project_tables.DIFFERING,
    project_tables.UNEVEN,
    project_tables.COST_SUM,
    project_tables.TWO_AMOUNTS,
    project_scores.CHECK,
    project_costs.SPENT,
    project_costs.SUM,
    project_costs.LEVELS,
    project_claims.CLAIMS,
    project_claims.GOALS,
    reasons.CHECK,
    lists.CHECK,
    names.PROJECTS,
    names.SLIPS,
    names.REPEATED,
    coverage.SCORE_TABLE,
    coverage.PART_SCORES,
    coverage.BLANK_SCORE,
    coverage.COVERAGE,
    wording.FOREIGN,
    wording.HINTS,
    wording.OUTDATED,
    texts.CUT,
    texts.TWICE,
    texts.WORDS,
    texts.ORDINALS,
    texts.SPELLINGS,
)

_TITLES = {
    **{check.code: check.title for check in CHECKS},
    **{code: title for check in CHECKS for code, title in check.also.items()},
    **TITLES_ACROSS,
    **TITLES_APPROVED,
}

# The places in a message differ between two statements of the same relation; its other words do not.
_PLACE = re.compile(r"第\d+[页段行列]|表\d+|工作表“[^”]*”")
_CERTAIN = Decimal("0.8")
_ORDER = (Severity.ERROR, Severity.QUESTION, Severity.INFORMATION, Severity.CONFIRMED)


def examine(facts: ReportFacts, document: Document, enabled: Mapping[str, bool] | None = None) -> tuple[Finding, ...]:
    """All findings about one report (核对一份报告), errors first, each relation once.

    ``enabled`` switches single checks off by their code (a rule set's choice); checks not named stay on. Pure: the same
    facts and document give the same findings in the same order.
    """
    material = gather(facts, document)
    switches = enabled or {}
    made = [finding for check in CHECKS if switches.get(check.code, True) for finding in check.find(material)]
    doubtful = _doubtful(facts)
    made = [
        _asked(one) if document.file.ocr or any(_spot(place.source) in doubtful for place in one.places) else one
        for one in made
    ]
    return tuple(sorted(_merged(made), key=lambda one: _ORDER.index(one.severity)))


def title_of(code: str) -> str:
    """The title of a finding's kind for letters and workbooks (疑点类别名称); the code itself where it is unknown."""
    return _TITLES.get(code, code)


def known_codes() -> tuple[str, ...]:
    """The codes of every finding that can be made (疑点类别代码), sorted: what a rule set may switch off."""
    return tuple(sorted(_TITLES))


def _spot(source: Source) -> tuple[object, ...]:
    return (source.sheet, source.table, source.row) if source.table is not None else (source.page, source.paragraph)


def _doubtful(facts: ReportFacts) -> set[tuple[object, ...]]:
    """Where the reader itself was not certain (读取存疑之处)."""
    rows = (*facts.projects, *facts.indicators, *facts.rubric, *facts.money)
    return {_spot(one.source) for one in rows if one.confidence is not None and one.confidence < _CERTAIN}


def _asked(finding: Finding) -> Finding:
    """What a scan or a doubtful reading says may have been misread, so it is asked and never called an error (只提问)."""
    if finding.severity is not Severity.ERROR:
        return finding
    message = f"{finding.message.removesuffix('。')}（文字识别或读取不完全确定，请先与原件核对）。"
    return finding.model_copy(update={"severity": Severity.QUESTION, "message": message})


def _merged(findings: list[Finding]) -> list[Finding]:
    """One finding for the same relation stated in several places (合并同一疑点), with all its places."""
    kept: dict[tuple[object, ...], Finding] = {}
    for one in findings:
        words = _PLACE.sub("", one.message)
        key = (one.code, one.severity, tuple(sorted(one.computed.items())), words)
        if key not in kept:
            kept[key] = one
            continue
        known = {(place.quote, place.source.spoken()) for place in kept[key].places}
        extra: tuple[FindingPlace, ...] = tuple(
            place for place in one.places if (place.quote, place.source.spoken()) not in known
        )
        kept[key] = kept[key].model_copy(update={"places": kept[key].places + extra})
    return list(kept.values())
