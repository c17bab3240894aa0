"""What a form's list offers comes back as the code it stands for; a stale list never keeps anybody from working."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from prefect.utilities.callables import parameter_schema
from pydantic import ValidationError

from flows import offering
from flows.correct_reading import correct_reading
from flows.dismiss_finding import dismiss_finding
from flows.draw_spot_check import prepare_draw
from flows.forms import CorrectionForm, DismissalForm, GateForm, VerificationForm
from flows.letter_forms import ObjectionForm, ReceiptForm
from flows.score_submissions import record_judgement
from flows.track_rectification import verify_rectification

LISTS: dict[str, list[Any]] = {
    "years": [2025, 2024],
    "departments": ["105 县林业局", "106 县文旅局"],
    "findings": ["57 105 两处不一致"],
    "items": ["105-1 待整改：台账不全", "105-2 待整改：票据不全", "106-1 待整改：进度慢"],
    "rules": ["target-setting 目标制定"],
    "files": ["审读表.xlsx"],
    "draws": [(2025, "seed-1"), (2023, "seed-0")],
}
CLERK = {"fiscal_year": 2025, "operator": "经办甲"}


def schema_of(flow: Any, lists: dict[str, list[Any]] = LISTS) -> dict[str, Any]:
    return offering.with_lists(parameter_schema(flow.fn).model_dump_for_openapi(), lists, 2025)


def errors(flow: Any, **form: Any) -> list[str]:
    return [e.message for e in jsonschema.Draft202012Validator(schema_of(flow)).iter_errors({"form": form})]


def test_a_choice_is_kept_as_its_code_and_a_typed_code_is_taken_too() -> None:
    chosen = DismissalForm.model_validate(
        CLERK | {"department": "105 县林业局", "finding": "57 105 两处", "reason": "四舍五入"}
    )
    typed = DismissalForm.model_validate(CLERK | {"department": "105", "finding": 57, "reason": "四舍五入"})
    assert chosen == typed and (chosen.department, chosen.finding) == ("105", 57)


def test_items_of_another_department_are_refused_by_name() -> None:
    form = CLERK | {"department": "105 县林业局", "accepted": True}
    assert VerificationForm.model_validate(form | {"items": ["105-1 待整改：x", "105-2", 3]}).items == [1, 2, 3]
    with pytest.raises(ValidationError, match="106-1 待整改：进度慢”不属于所选的部门105"):
        VerificationForm.model_validate(form | {"items": ["105-1 待整改：x", "106-1 待整改：进度慢"]})


def test_a_form_takes_what_is_on_the_list_and_what_is_not() -> None:
    reason = {"reason": "四舍五入", **CLERK}
    assert errors(dismiss_finding, department="105 县林业局", finding="57 105 两处不一致", **reason) == []
    assert errors(dismiss_finding, department="新部门", finding=9, **reason) == []
    assert errors(dismiss_finding, department="", finding=9, **reason)
    assert errors(dismiss_finding, department="105", finding=0, **reason)


def test_lists_follow_the_data_and_an_empty_one_leaves_the_plain_field() -> None:
    plain = parameter_schema(dismiss_finding.fn).model_dump_for_openapi()
    filled = schema_of(dismiss_finding)
    field = filled["definitions"]["DismissalForm"]["properties"]["department"]
    assert field["anyOf"][0]["enum"] == LISTS["departments"] and field["title"] == "部门"
    again = offering.with_lists(filled, LISTS | {"departments": ["107 县水利局"]}, 2025)
    assert again["definitions"]["DismissalForm"]["properties"]["department"]["anyOf"][0]["enum"] == ["107 县水利局"]
    assert offering.with_lists(filled, {key: [] for key in LISTS}, None) == json.loads(json.dumps(plain))
    assert offering.with_lists(filled, LISTS, 2025) == filled


def test_the_year_that_is_open_is_filled_in() -> None:
    year = schema_of(record_judgement)["definitions"]["JudgementForm"]["properties"]["fiscal_year"]
    assert year["default"] == 2025 and year["anyOf"][0] == {
        "type": "integer",
        "enum": [2025, 2024],
        "title": "从清单中选",
    }


def test_several_items_are_chosen_from_one_list() -> None:
    field = schema_of(verify_rectification)["definitions"]["VerificationForm"]["properties"]["items"]
    assert field["anyOf"][0]["items"] == {"type": "string", "enum": LISTS["items"]}
    chosen = {"department": "105 县林业局", "items": LISTS["items"][:2], "accepted": True, **CLERK}
    assert errors(verify_rectification, **chosen) == []
    assert errors(verify_rectification, **chosen | {"accepted": False}) == ["'remark' is a required property"]


@pytest.mark.parametrize(
    ("form", "values", "missing"),
    [
        (GateForm, {"gate": "印发通知", "digest": "12345678", "decision": "不同意", "approver": "乙"}, "reason"),
        (ReceiptForm, {"operator": "甲", "receipt": 1, "decision": "放行登记", "reason": "核实"}, "department"),
    ],
)
def test_what_one_answer_asks_of_another_is_known_before_a_run_exists(
    form: Any, values: dict[str, Any], missing: str
) -> None:
    found = [e.message for e in jsonschema.Draft202012Validator(form.model_json_schema()).iter_errors(values)]
    assert found == [f"'{missing}' is a required property"]
    complete = jsonschema.Draft202012Validator(form.model_json_schema()).iter_errors(values | {missing: "已说明"})
    assert list(complete) == []


def test_a_rejected_objection_with_corrections_is_stopped_by_the_form() -> None:
    line = {"rule": "target-setting", "score": 1, "reason": "更正"}
    values = {"operator": "甲", "objection": 1, "digest": "12345678", "reason": "核实", "corrections": [line]}
    check = jsonschema.Draft202012Validator(ObjectionForm.model_json_schema())
    assert [*check.iter_errors(values | {"decision": "维持原结果"})]
    assert [*check.iter_errors(values | {"decision": "申诉成立"})] == []


def test_a_redraw_without_a_reason_never_becomes_a_run() -> None:
    """The form knows which years have a draw; the same seed again is no redraw."""
    missing = ["'redraw_reason' is a required property"]
    assert errors(prepare_draw, seed="seed-2", **CLERK) == missing
    assert errors(prepare_draw, seed="seed-2", operator="经办甲") == missing, "the page fills in 2025"
    assert errors(prepare_draw, seed="seed-0", **CLERK) == missing, "the seed of another year"
    assert errors(prepare_draw, seed="seed-2", redraw_reason="", **CLERK) != []
    assert errors(prepare_draw, seed="seed-2", redraw_reason="名单有误", **CLERK) == []
    assert errors(prepare_draw, seed="seed-1", **CLERK) == []
    assert errors(prepare_draw, seed="seed-2", **CLERK | {"fiscal_year": 2024}) == []
    assert errors(prepare_draw, seed="seed-2", **CLERK | {"fiscal_year": 2023}) == missing
    plain = parameter_schema(prepare_draw.fn).model_dump_for_openapi()
    nothing_drawn = offering.with_lists(schema_of(prepare_draw), {key: [] for key in LISTS}, None)
    assert nothing_drawn == json.loads(json.dumps(plain))


def test_a_correction_is_a_sheet_from_the_list_or_one_value_with_its_reason() -> None:
    one = {"department": "105", **CLERK}
    value = {"fact": "rubric/目标实现/score", "value": "8", "reason": "看错"}
    assert errors(correct_reading, sheet="审读表.xlsx", **one) == []
    assert errors(correct_reading, sheet="sub/其他.xlsx", fact="", value="", reason="", **one) == []
    assert errors(correct_reading, sheet="", **value, **one) == errors(correct_reading, **value, **one) == []
    assert errors(correct_reading, **one) and errors(correct_reading, sheet="", **one)
    assert errors(correct_reading, **value | {"reason": ""}, **one)
    assert errors(correct_reading, sheet="审读表.xlsx", **value, **one)
    assert CorrectionForm.model_validate(one | {"sheet": "审读表.xlsx"}).sheet == "审读表.xlsx"
