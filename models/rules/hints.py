"""What the report says about a figure the bureau has not given (报告中的参考数): shown beside the gap, never used."""

from __future__ import annotations

from models.facts import MoneyFact, ReportFacts
from models.figures import FigureKey
from models.numbers import trimmed
from models.rules.verdict import LineStatus, ScoreInput, Verdict

# The bureau's figure and the amount of the report that would be its counterpart.
COUNTERPARTS: dict[str, str] = {
    FigureKey.BUDGET_INITIAL.value: "budget_initial",
    FigureKey.BUDGET_ANNUAL.value: "budget_adjusted",
}


def with_hints(verdict: Verdict, facts: ReportFacts, fiscal_year: int) -> Verdict:
    """The verdict with the report's own amounts beside missing figures (附报告所写的数，供核对).

    Only where the report gives one single amount for the year: two different ones are no help.
    """
    if verdict.status is not LineStatus.NEEDS_PERSON:
        return verdict
    hints: list[ScoreInput] = []
    for gap in verdict.inputs:
        if gap.origin != "bureau" or gap.value is not None or gap.name not in COUNTERPARTS:
            continue
        told = _amounts(facts, COUNTERPARTS[gap.name], fiscal_year)
        if len({fact.value for fact in told}) == 1:
            hints.append(
                ScoreInput(
                    name=told[0].key,
                    label=f"报告所写的{gap.label}",
                    value=told[0].value,
                    unit="万元",
                    origin="report",
                    source=told[0].source,
                )
            )
    if not hints:
        return verdict
    words = "；".join(f"{h.label}为{trimmed(h.value)}万元" for h in hints if h.value is not None)
    return Verdict(
        verdict.status,
        reason=f"{verdict.reason}{words}，仅供核对，没有用于计算。",
        formula=verdict.formula,
        inputs=(*verdict.inputs, *hints),
    )


def _amounts(facts: ReportFacts, key: str, fiscal_year: int) -> list[MoneyFact]:
    return [fact for fact in facts.money if fact.key == key and fact.year in (None, str(fiscal_year))]
