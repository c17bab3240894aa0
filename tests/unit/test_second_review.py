"""A second reviewer (双人复核): who gets one, and how two reviews become one settled score."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import rules
from models.rules.schema import RuleSetError
from models.second_review import Entry, SecondReviewPolicy, chosen, settle_reviews, told

D = Decimal
DRAWN = {"101": D(500), "102": D(5000), "103": D(80), "104": D(1200), "105": D(90)}
NOBODY = SecondReviewPolicy()


def entries(**scores: str) -> dict[str, Entry]:
    return {rule: Entry(D(score), f"{rule}理由", "标准") for rule, score in scores.items()}


def test_nobody_gets_a_second_reviewer_unless_the_policy_says_so() -> None:
    assert chosen(DRAWN, NOBODY, "s") == ()
    assert chosen(DRAWN, SecondReviewPolicy(choose="all"), "s") == tuple(DRAWN)
    assert chosen(DRAWN, SecondReviewPolicy(choose="size", above=D(500)), "s") == ("101", "102", "104")


def test_a_share_is_rounded_up_and_repeatable_from_the_seed() -> None:
    policy = SecondReviewPolicy(choose="share", share=D("0.3"))
    first = chosen(DRAWN, policy, "种子甲")
    assert len(first) == 2 and first == chosen(dict(reversed(DRAWN.items())), policy, "种子甲")
    assert len({chosen(DRAWN, policy, f"s{n}") for n in range(40)}) > 5, "the seed decides"


def test_choosing_by_size_needs_a_size() -> None:
    with pytest.raises(ValueError, match="above"):
        SecondReviewPolicy(choose="size")


def test_equal_scores_stand_and_every_other_line_waits_for_a_third() -> None:
    found = settle_reviews(entries(a="10", b="8", c="0"), entries(a="10", b="6", c="0"), {}, NOBODY)
    assert found.open == ("b",)
    assert [(line.rule, line.score, line.third, line.basis) for line in found.lines] == [
        ("a", 10, None, ""),
        ("c", 0, None, ""),
    ]


def test_the_third_entry_decides_with_its_own_reason() -> None:
    third = {"b": Entry(D(7), "核对原始凭证后认定", "评价标准第2条")}
    found = settle_reviews(entries(a="10", b="8"), entries(a="10", b="6"), third, NOBODY)
    assert found.open == ()
    line = found.lines[1]
    assert (line.first, line.second, line.third, line.score) == (8, 6, 7, 7)
    assert line.reason == "核对原始凭证后认定"
    assert line.basis == "两名复核人员分别评8分和6分，经定案核定为7分"
    assert told(found) == "复核由两名复核人员分别独立进行，共2项，1项评分相同，1项由定案人核定。"


@pytest.mark.parametrize(
    ("within", "score", "reason", "words"),
    [
        ("first", "8", "b理由", "取第一复核人的评分，为8分"),
        ("mean", "7.75", "b理由", "取平均，为7.75分"),
        ("lower", "7.5", "另一理由", "取较低的，为7.5分"),
    ],
)
def test_within_the_tolerance_the_policy_decides(within: str, score: str, reason: str, words: str) -> None:
    policy = SecondReviewPolicy.model_validate({"choose": "all", "tolerance": "0.5", "within": within})
    second = {"b": Entry(D("7.5"), "另一理由", "标准")}
    [line] = settle_reviews(entries(b="8"), second, {}, policy).lines
    assert (line.score, line.reason, line.third) == (D(score), reason, None)
    assert "相差不超过0.5分" in line.basis and words in line.basis


def test_reviews_of_different_lines_are_never_settled() -> None:
    with pytest.raises(ValueError, match="指标不一致：b、c"):
        settle_reviews(entries(a="1", b="1"), entries(a="1", c="1"), {}, NOBODY)


scores = st.lists(st.decimals(0, 10, places=1), min_size=6, max_size=6)


@given(scores, scores, scores, st.decimals(0, 3, places=1), st.sampled_from(["first", "mean", "lower"]))
def test_every_line_is_settled_between_the_two_or_by_the_third(
    one: list[Decimal], two: list[Decimal], three: list[Decimal], tolerance: Decimal, within: str
) -> None:
    policy = SecondReviewPolicy.model_validate({"choose": "all", "tolerance": tolerance, "within": within})
    first, second, third = ({str(n): Entry(score) for n, score in enumerate(side)} for side in (one, two, three))
    waiting = settle_reviews(first, second, {}, policy)
    found = settle_reviews(first, second, {rule: third[rule] for rule in waiting.open}, policy)
    assert found.open == () and len(found.lines) == 6
    for n, line in enumerate(found.lines):
        assert (line.first, line.second) == (one[n], two[n]), "the originals stay"
        if line.third is None:
            assert min(one[n], two[n]) <= line.score <= max(one[n], two[n]) and abs(one[n] - two[n]) <= tolerance
        else:
            assert line.score == three[n] and abs(one[n] - two[n]) > tolerance


def test_a_rule_set_without_second_reviews_keeps_its_digest_and_one_with_them_has_another() -> None:
    base = rules.load("sichuan-2023")
    assert base.digest == base.model_copy(update={"second_review": SecondReviewPolicy()}).digest
    other = base.model_copy(update={"second_review": SecondReviewPolicy(choose="all")})
    assert other.digest != base.digest


def _county(path: Path, override: str) -> Path:
    cite = "citation: {authority: 某县财政局, document: 某办法}"
    path.write_text(
        f"id: my-2025\ntitle: 样例\nversion: '1'\neffective_years: [2025]\nauthority: 某县财政局\ndocument: 某办法\n{cite}\n"
        f"extends: sichuan-2023\noverrides:\n  - {{{override}, reason: 试行, {cite}}}\n",
        "utf-8",
    )
    return path


def test_a_county_can_ask_for_second_reviews_in_its_file(tmp_path: Path) -> None:
    ruleset = rules.load(_county(tmp_path / "a.yml", "path: second_review.choose, value: all"))
    assert ruleset.second_review.choose == "all"
    assert ruleset.overrides[0].place == "双人复核办法·安排双人复核的部门"
    assert (ruleset.overrides[0].before, ruleset.overrides[0].after) == ("不安排", "全部抽中部门")


def test_a_misspelt_check_code_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match=r"没有“sum-of-partz”这样的检查代码.*sum-of-parts"):
        rules.load(_county(tmp_path / "b.yml", "path: checks.sum-of-partz, value: false"))
