"""Every rule set keeps its worked cases."""

from __future__ import annotations

import pytest

from models import rules
from models.rules.cases import WorkedCase, cases_of, run

ALL = [(ruleset_id, case) for ruleset_id in rules.available() for case in cases_of(ruleset_id)]


@pytest.mark.parametrize(("ruleset_id", "case"), ALL, ids=[f"{r}-{c.name}" for r, c in ALL])
def test_worked_case_comes_out_as_written(ruleset_id: str, case: WorkedCase) -> None:
    assert run(case, rules.load(ruleset_id)) == ()


@pytest.mark.parametrize("ruleset_id", rules.available())
def test_every_rule_set_has_worked_cases(ruleset_id: str) -> None:
    assert cases_of(ruleset_id)


@pytest.mark.parametrize("ruleset_id", rules.available())
def test_case_names_are_unique(ruleset_id: str) -> None:
    names = [case.name for case in cases_of(ruleset_id)]
    assert len(set(names)) == len(names)


def test_a_wrong_expectation_is_reported_with_both_figures() -> None:
    case = WorkedCase(name="错", deviation=(90, 80), expect={"deduction": 4, "percent": 12.5})
    assert run(case, rules.load("sichuan-2023")) == ("deduction 应为 4，算得 8",)
