"""What docs/rules.md says is true."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models import rules
from models.rules.kinds.budget_accuracy import Params
from models.sampling import FrameUnit, SpotCheckPolicy, draw

DOC = (Path(__file__).resolve().parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOC, re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("measure", ["equal", "risk", "size", "size_times_risk"])
def test_the_printed_lines_repeat_any_draw(measure: Any) -> None:
    space: dict[str, Any] = {}
    exec(block("python"), space)
    frame = [
        FrameUnit(
            code=f"{n:03}",
            name="某",
            stratum="甲" if n % 3 else "乙",
            size=Decimal(1 + n * n % 90),
            risk=Decimal(1 + n % 5) / 2,
        )
        for n in range(70)
    ]
    for seed in ("一", "2025-07-01", "x y"):
        record = draw(frame, SpotCheckPolicy(measure=measure), seed)
        assert space["repeat"](json.loads(record.model_dump_json())) == set(record.drawn)


def test_the_printed_county_file_can_be_loaded(tmp_path: Path) -> None:
    path = tmp_path / "mycounty-2026.yml"
    path.write_text(block("yaml"), encoding="utf-8")
    assert rules.load(path).rule("violations").params["points_each"] == "1"


def test_every_rule_set_is_in_the_table() -> None:
    assert all(f"`{ruleset_id}`" in DOC for ruleset_id in rules.available())


def test_the_named_defaults_are_the_defaults() -> None:
    assert Params().adjustment == "gross_else_net"
    ruleset = rules.load("sichuan-2023")
    for rule_id, name, value in (
        ("target-setting", "decide", "person"),
        ("spending-control", "basis", "total"),
        ("spending-control", "direction", "both"),
        ("violations", "year", "fiscal_year"),
    ):
        assert ruleset.rule(rule_id).params[name] == value
        assert f"`{name}: {value}`" in DOC
