"""Rule-set files: schema, citations, inheritance, refusals."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models import rules
from models.rules.authored import json_schema
from models.rules.loading import FOLDER, read_yaml
from models.rules.registry import KINDS, kind_of, needed_figures
from models.rules.schema import canonical

IDS = rules.available()
HEADER = """
id: county
title: 某县
version: "1"
effective_years: [2025]
authority: 某县财政局
document: 某通知
citation: {authority: 某县财政局, document: 某通知}
extends: sichuan-2023
overrides:
"""


def county(tmp_path: Path, overrides: str) -> Path:
    path = tmp_path / "county.yml"
    path.write_text(HEADER + overrides, encoding="utf-8")
    return path


def plain(value: Any) -> Any:
    """YAML content as JSON has it: exact numbers as numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def test_the_promised_rule_sets_are_there() -> None:
    assert set(IDS) == {
        "gansu-2024",
        "practice-2025",
        "project-2020",
        "qinghe-2025",
        "sichuan-2020",
        "sichuan-2023",
        "sichuan-2024",
    }


def test_the_published_schema_is_the_one_the_code_means() -> None:
    published = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(json_schema())), (
        "重新生成：jixiao rules schema > models/rulesets/schema.json"
    )


@pytest.mark.parametrize("ruleset_id", IDS)
def test_every_file_fits_the_published_schema(ruleset_id: str) -> None:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    content = plain(read_yaml((FOLDER / f"{ruleset_id}.yml").read_text(encoding="utf-8"), ruleset_id))
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(content)] == []


def test_the_schema_refuses_an_unknown_setting() -> None:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    content = plain(read_yaml((FOLDER / "sichuan-2023.yml").read_text(encoding="utf-8"), "x"))
    content["rules"][7]["params"]["points_every"] = 1
    assert not jsonschema.Draft202012Validator(schema).is_valid(content)


@pytest.mark.parametrize("ruleset_id", IDS)
def test_every_rule_cites_and_names_a_known_kind(ruleset_id: str) -> None:
    ruleset = rules.load(ruleset_id)
    for rule in ruleset.rules:
        assert rule.citation.authority and rule.citation.document and rule.criterion
        assert kind_of(rule) is KINDS[rule.kind]


@pytest.mark.parametrize("ruleset_id", IDS)
def test_every_policy_note_names_a_setting_of_its_rule(ruleset_id: str) -> None:
    for rule in rules.load(ruleset_id).rules:
        assert {note.param for note in rule.policies} <= set(rule.params)


def test_sichuan_2023_has_twelve_lines_of_which_a_department_may_claim_ninety_points() -> None:
    ruleset = rules.load("sichuan-2023")
    assert [(rule.label, rule.maximum) for rule in ruleset.rules] == [
        ("目标制定", 10),
        ("目标实现", 10),
        ("编制准确", 10),
        ("支出控制", 10),
        ("动态调整", 10),
        ("执行进度", 10),
        ("预算完成", 10),
        ("违规记录", 10),
        ("自评公开", 2),
        ("结果整改", 4),
        ("应用反馈", 4),
        ("自评准确", 10),
    ]
    assert ruleset.claimable_maximum == 90
    assert ruleset.complete


def test_rule_sets_with_unknown_maxima_say_so() -> None:
    for ruleset_id in ("sichuan-2024", "sichuan-2020", "gansu-2024"):
        ruleset = rules.load(ruleset_id)
        assert not ruleset.complete
        assert ruleset.claimable_maximum is None
        assert not ruleset.citation.confirmed


def test_a_county_file_keeps_what_it_changed_with_its_reason() -> None:
    base, county_set = rules.load("sichuan-2023"), rules.load("qinghe-2025")
    assert county_set.extends == ("sichuan-2023",)
    assert county_set.rule("violations").params["points_each"] == "1"
    assert base.rule("violations").params["points_each"] == "0.5"
    change = next(note for note in county_set.overrides if note.path.endswith("points_each"))
    assert (change.before, change.after) == ("0.5", "1")
    assert change.place == "违规记录·每个问题扣分"
    assert county_set.rule("violations").citation.number == "清财绩〔2025〕5号"
    assert county_set.rule("budget-accuracy").citation == base.rule("budget-accuracy").citation
    assert change.citation.document == "清禾县财政局关于开展部门整体支出绩效评价工作的通知"


def test_the_digest_is_stable_and_covers_every_setting() -> None:
    base = rules.load("sichuan-2023")
    assert base.digest == rules.load(Path(str(FOLDER / "sichuan-2023.yml"))).digest
    assert len(base.digest) == 64
    assert rules.load("qinghe-2025").digest != base.digest
    assert base.model_copy(update={"version": "2"}).digest != base.digest
    assert "points_each" in json.dumps(canonical(base))


def test_idle_zeros_do_not_change_the_digest(tmp_path: Path) -> None:
    text = (FOLDER / "sichuan-2023.yml").read_text(encoding="utf-8")
    copy = tmp_path / "sichuan-2023.yml"
    copy.write_text(text.replace("points_each: 0.5", "points_each: 0.500"), encoding="utf-8")
    assert copy.read_text(encoding="utf-8") != text
    assert rules.load(copy).digest == rules.load("sichuan-2023").digest


CITE = "citation: {authority: 某县财政局, document: 某通知}"


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ("  - {path: rules.violations.params.points_each, value: 1, reason: 严}", "citation"),
        (f"  - {{path: rules.nothing.maximum, value: 1, reason: 严, {CITE}}}", "nothing"),
        (f"  - {{path: rules.violations.params.points_every, value: 1, reason: 严, {CITE}}}", "不存在"),
        (f"  - {{path: rules, value: [], reason: 严, {CITE}}}", "不能整体调整"),
        (f"  - {{path: rules.violations.maximum, value: 8, reason: 严, {CITE}}}", "合计"),
        (f"  - {{path: rules.violations.params.year, value: someday, reason: 严, {CITE}}}", "违规记录"),
        (f"  - {{path: deviation.base, value: mean, reason: 严, {CITE}}}", "deviation.base"),
        (f"  - {{path: calendar.submit_by, value: 02-30, reason: 严, {CITE}}}", "月-日"),
    ],
)
def test_a_bad_override_is_refused_with_its_place(tmp_path: Path, overrides: str, words: str) -> None:
    with pytest.raises(rules.RuleSetError, match=words):
        rules.load(county(tmp_path, overrides))


def test_a_good_override_is_taken(tmp_path: Path) -> None:
    ruleset = rules.load(county(tmp_path, f"  - {{path: checks.sum-of-parts, value: false, reason: 试行, {CITE}}}"))
    assert not ruleset.enabled("sum-of-parts")
    assert ruleset.enabled("anything-else")


def test_a_missing_rule_set_names_the_ones_there_are() -> None:
    with pytest.raises(rules.RuleSetError, match="sichuan-2023"):
        rules.load("sichuan-1999")


def test_broken_yaml_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yml"
    path.write_text("id: a\ntitle: [\n", encoding="utf-8")
    with pytest.raises(rules.RuleSetError, match=r"broken\.yml.*第3行"):
        rules.load(path)


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(rules.RuleSetError, match=r"第3行.*写了两次"):
        read_yaml("id: a\ntitle: b\nid: c\n", "x.yml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('version: "1"', "version: 2024-01-01", "version：须为文字"),
        ("title: 某县\n", "", "title：缺少这一项"),
        ("title: 某县", "titel: 某县\ntitle: 某县", "titel：没有这个名称"),
        ("id: county", "id: Ländle", "id：只能用小写字母"),
    ],
)
def test_a_mistake_in_a_file_is_told_in_chinese_with_its_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "county.yml"
    text = HEADER.replace("overrides:\n", "overrides: []\n")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(rules.RuleSetError, match=words):
        rules.load(path)


def test_a_wrong_choice_names_the_choices(tmp_path: Path) -> None:
    override = f"  - {{path: rules.violations.params.year, value: someday, reason: 严, {CITE}}}"
    with pytest.raises(rules.RuleSetError, match="只能是 'fiscal_year' 或 'previous_year'"):
        rules.load(county(tmp_path, override))


def test_numbers_in_yaml_are_exact() -> None:
    assert read_yaml("a: 0.1", "x") == {"a": Decimal("0.1")}


def test_the_data_template_asks_for_what_the_rules_need() -> None:
    labels = {key.value for key in needed_figures(rules.load("sichuan-2023"))}
    assert {"budget_initial", "execution_june", "violations", "last_year_reported_in_time"} <= labels
    assert "office_initial" not in labels
