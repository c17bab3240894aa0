"""What the reviewed sample says about all departments (由抽查样本推断总体), for staff before anything is published."""

from __future__ import annotations

from models import rules
from tasks import lookup, store
from tasks.stages import use_of_results
from tasks.writing.site_view import sample_estimate, site_extras


def sentence(fiscal_year: int) -> str | None:
    """The estimate in a sentence (推断结论): mean over-claim and share beyond 5 % with their intervals, or "too few to say".

    From the results in force, classified units included; None while nothing was drawn or no reviewed department has an
    outcome.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        draw = lookup.draw_in_force(db, cycle)
        if draw is None:
            return None
        results = use_of_results.internal_results(db, cycle)
        deviation = site_extras(rules.load(cycle.ruleset_id)).deviation
    found = sample_estimate(draw.record, results, deviation)
    return found.sentence if found else None
