"""``jixiao rules``: what a person sees (评价规则命令)."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from flows.commands import rules as commands
from models import rules
from models.rules.book import book
from models.rules.cases import cases_of
from models.rules.difference import difference
from models.sampling import FrameUnit, SpotCheckPolicy, draw


def shown(width: int = 160) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=width), out


def test_the_list_names_every_rule_set() -> None:
    console, out = shown()
    assert commands.list_rules(console) == 0
    assert all(ruleset_id in out.getvalue() for ruleset_id in rules.available())


def test_a_rule_set_is_shown_with_its_choices_and_changes() -> None:
    console, out = shown()
    assert commands.show_rules("qinghe-2025", console) == 0
    text = out.getvalue()
    assert "恰好超过30%算不算达标" in text
    assert "对“sichuan-2023”的调整" in text


def test_two_rule_sets_differ_row_by_row() -> None:
    rows = {
        row.place: (row.left, row.right) for row in difference(rules.load("sichuan-2023"), rules.load("qinghe-2025"))
    }
    assert rows["违规记录·每个问题扣分"] == ("0.5", "1")
    assert rows["抽查办法·抽中机会"] == ("均等", "按风险")
    assert rows["工作日程·申诉期限（工作日）"] == ("10", "7")
    assert not any(place.startswith("编制准确") for place in rows)


def test_a_missing_line_is_one_row() -> None:
    rows = {
        row.place: (row.left, row.right) for row in difference(rules.load("sichuan-2023"), rules.load("sichuan-2024"))
    }
    assert rows["指标“编制准确”"] == ("有（10分）", "（无）")
    assert rows["指标“及时处置”"] == ("（无）", "有（分值未知）")
    assert rows["违规记录·分值"] == ("10", "未知")


def test_equal_sets_are_said_to_be_equal() -> None:
    console, out = shown()
    assert commands.diff_rules("sichuan-2023", "sichuan-2023", console) == 0
    assert "相同" in out.getvalue()
    assert commands.diff_rules("sichuan-2023", "gansu-2024", console) == 0
    assert "的不同（" in out.getvalue()


def test_the_worked_cases_can_be_run_by_anyone() -> None:
    console, out = shown()
    assert commands.try_cases(None, console) == 0
    assert f"sichuan-2023：{len(cases_of('sichuan-2023'))}个算例，全部相符。" in out.getvalue()


def test_the_printed_schema_is_json() -> None:
    console, out = shown(80)
    commands.print_schema(console)
    assert json.loads(out.getvalue())["title"] == "jixiao rule set (评价规则)"


@pytest.mark.parametrize("ruleset_id", rules.available())
def test_the_rule_book_holds_every_line_and_nothing_from_elsewhere(tmp_path: Path, ruleset_id: str) -> None:
    console, _ = shown()
    target = tmp_path / "out" / "book.html"
    assert commands.book_rules(ruleset_id, target, console) == 0
    page = target.read_text(encoding="utf-8")
    ruleset = rules.load(ruleset_id)
    assert all(rule.label in page and rule.criterion in page for rule in ruleset.rules)
    assert ruleset.digest in page
    assert not re.search(r"(src|href)=|https?://|@import|<script", page)
    assert page == book(ruleset, cases_of(ruleset_id))


def test_what_a_rule_file_says_cannot_become_markup() -> None:
    ruleset = rules.load("sichuan-2023").model_copy(update={"title": "<script>alert(1)</script>"})
    assert "<script>" not in book(ruleset)


def test_a_draw_is_repeated_from_its_file(tmp_path: Path) -> None:
    frame = [FrameUnit(code=f"{n:02}", name=f"部门{n}", stratum="甲") for n in range(9)]
    record = draw(frame, SpotCheckPolicy(), "种子").model_dump_json()
    good, changed, broken = tmp_path / "good.json", tmp_path / "changed.json", tmp_path / "broken.json"
    good.write_text(record, encoding="utf-8")
    changed.write_text(record.replace("部门1", "部门X"), encoding="utf-8")
    broken.write_text("{}", encoding="utf-8")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    published = json.loads(record) | {"number": 2, "drawn_on": "2026-07-01", "redraw_reason": "更正", "previous": []}
    (tmp_path / "published.json").write_text(json.dumps(published), encoding="utf-8")
    for path, code, words in (
        (good, 0, "完全相同"),
        (changed, 1, "被改动过"),
        (broken, 1, "不是完整的抽签记录"),
        (tmp_path / "list.json", 1, "不是完整的抽签记录"),
        (tmp_path / "published.json", 0, "完全相同"),
        (tmp_path / "none.json", 1, "读不到"),
    ):
        console, out = shown()
        assert commands.repeat_draw(path, console) == code
        assert words in out.getvalue()
