"""What staff type is checked before a run exists, and every field has a Chinese title."""

from __future__ import annotations

import inspect
import re
from datetime import datetime
from decimal import Decimal

import pytest
from pydantic import BaseModel, ValidationError

from flows import forms
from flows.forms import JudgementForm
from flows.letter_forms import CorrectedLine
from models.states import Decision, Gate

FORMS = [f for _, f in inspect.getmembers(forms, inspect.isclass) if issubclass(f, forms.Form) and f is not forms.Form]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
OPERATOR = {"fiscal_year": 2025, "operator": "经办甲"}


@pytest.mark.parametrize("form", FORMS)
def test_every_field_has_a_chinese_title(form: type[forms.Form]) -> None:
    for name, field in form.model_fields.items():
        assert CHINESE.search(field.title or ""), f"{form.__name__}.{name}"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_in_chinese_what_it_is_for(form: type[forms.Form]) -> None:
    assert CHINESE.search(form.__doc__ or "")


def test_the_year_is_the_one_before_unless_said(morning: datetime) -> None:
    assert forms.YearForm().fiscal_year == morning.year - 1


@pytest.mark.parametrize("name", ["", "   ", "长" * 41])
def test_an_operator_has_a_name_of_sensible_length(name: str) -> None:
    with pytest.raises(ValidationError):
        forms.OperatorForm(fiscal_year=2025, operator=name)


def test_blanks_around_a_name_do_not_count() -> None:
    assert forms.OperatorForm(fiscal_year=2025, operator=" 经办甲 ").operator == "经办甲"


@pytest.mark.parametrize("digest", ["", "abc1234", "0" * 65])
def test_a_gate_wants_the_digest_that_was_seen(digest: str) -> None:
    with pytest.raises(ValidationError):
        forms.GateForm(
            fiscal_year=2025, gate=Gate.NOTICE, digest=digest, decision=Decision.APPROVED, approver="负责人乙"
        )


@pytest.mark.parametrize("score", ["-1", "100.01", "1.234", "abc"])
def test_a_judged_score_is_a_number_with_two_decimals_at_most(score: str) -> None:
    with pytest.raises(ValidationError):
        forms.JudgementForm(**OPERATOR, department="101", rule="x", score=score, reason="理由。")
    good = forms.JudgementForm(**OPERATOR, department="101", rule="x", score="9.75", reason="理由。")
    assert good.score == Decimal("9.75")


@pytest.mark.parametrize("form", [JudgementForm, CorrectedLine])
def test_a_score_is_asked_for_as_a_number_and_not_as_a_type_of_the_program(form: type[BaseModel]) -> None:
    shown = form.model_json_schema()["properties"]["score"]
    assert shown["type"] == "number"
    assert "anyOf" not in shown


def test_a_score_typed_as_a_number_keeps_its_decimals() -> None:
    form = JudgementForm(
        fiscal_year=2025, operator="经办甲", department="101", rule="target-setting", score=8.25, reason="材料齐全。"
    )
    assert form.score == Decimal("8.25")
