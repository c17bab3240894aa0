"""The spot-check draw (抽查)."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sampling import (
    FrameUnit,
    RiskPolicy,
    SpotCheckPolicy,
    draw,
    inclusion_probabilities,
    redraw,
    risk_weight,
    stratum,
    verify,
)
from models.sealing import SEALED_NAME, coarse, sealed

D = Decimal


def unit(code: str, stratum: str = "一类", size: str = "1", risk: str = "1") -> FrameUnit:
    return FrameUnit(code=code, name=f"部门{code}", stratum=stratum, size=D(size), risk=D(risk))


FRAME = [unit(f"{n:03}", "一类" if n < 12 else "二类", str(1 + n % 7), str(1 + n % 3)) for n in range(30)]

PINNED_EQUAL = ("003", "004", "005", "009", "013", "014", "018", "019", "022", "027")
PINNED_WEIGHTED = ("002", "005", "010", "011", "013", "018", "019", "020", "025", "026")

frames = st.lists(
    st.builds(
        FrameUnit,
        code=st.text("0123456789", min_size=3, max_size=6),
        name=st.just("某部门"),
        stratum=st.sampled_from(["一类", "二类", "三类"]),
        size=st.decimals(min_value=1, max_value=1000, places=1),
        risk=st.decimals(min_value=D("0.1"), max_value=10, places=1),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda u: u.code,
)
policies = st.builds(
    SpotCheckPolicy,
    share=st.decimals(min_value=0, max_value=1, places=2),
    minimum=st.integers(min_value=1, max_value=3),
    rounding=st.sampled_from(["up", "half_up"]),
    measure=st.sampled_from(["equal", "risk", "size", "size_times_risk"]),
)


def test_the_draw_is_the_same_on_every_machine_and_version() -> None:
    # A fixed record: whoever changes the algorithm must give it a new name.
    result = draw(FRAME, SpotCheckPolicy(), "2025-07-01 第1号")
    assert result.algorithm == "jixiao-draw-1"
    assert result.drawn == PINNED_EQUAL
    assert draw(FRAME, SpotCheckPolicy(measure="size_times_risk"), "2025-07-01 第1号").drawn == PINNED_WEIGHTED


def test_independent_lines_repeat_the_draw_from_its_json() -> None:
    policy = SpotCheckPolicy(measure="risk", share=D("0.25"))
    record = json.loads(draw(FRAME, policy, "种子").model_dump_json())
    told = set()
    for layer in {u["stratum"] for u in record["units"]}:
        chance = {u["code"]: Fraction(u["ratio"]) for u in record["units"] if u["stratum"] == layer}
        start = Fraction(int(sha256(f"{record['seed']}|{layer}".encode()).hexdigest(), 16), 2**256)
        told |= {code for code, p in chance.items() if p == 1}
        rest = [code for code, p in chance.items() if p < 1]
        rest.sort(key=lambda code: sha256(f"{record['seed']}|{layer}|{code}".encode()).hexdigest())
        end = Fraction(0)
        for code in rest:
            end += chance[code]
            if start < end:
                told.add(code)
                start += 1
    assert told == {u["code"] for u in record["units"] if u["drawn"]}


@given(frames, policies, st.text("甲乙丙abc123", min_size=1, max_size=8))
def test_every_stratum_gets_its_number_and_every_record_verifies(
    frame: list[FrameUnit], policy: SpotCheckPolicy, seed: str
) -> None:
    result = draw(frame, policy, seed)
    for layer in result.strata:
        drawn = [u for u in result.units if u.stratum == layer.stratum and u.drawn]
        chances = [Fraction(u.ratio) for u in result.units if u.stratum == layer.stratum]
        assert len(drawn) == layer.drawn == sum(chances)
        assert min(policy.minimum, layer.size) <= layer.drawn <= layer.size
        assert all(0 < chance <= 1 for chance in chances)
    assert verify(result.model_dump_json())
    assert redraw(result.model_dump_json()) == result


@given(frames, st.randoms(use_true_random=False))
def test_the_order_of_the_frame_does_not_matter(frame: list[FrameUnit], random: object) -> None:
    shuffled = list(frame)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(frame, SpotCheckPolicy(), "s") == draw(shuffled, SpotCheckPolicy(), "s")


def test_a_small_stratum_is_never_left_out() -> None:
    frame = [unit("001", "小类"), *(unit(f"1{n:02}", "大类") for n in range(50))]
    result = draw(frame, SpotCheckPolicy(share=D("0.1")), "s")
    assert "001" in result.drawn
    assert {s.stratum: s.drawn for s in result.strata} == {"小类": 1, "大类": 5}


def test_any_change_to_a_record_is_noticed() -> None:
    record = json.loads(draw(FRAME, SpotCheckPolicy(), "s").model_dump_json())
    assert verify(record)
    for change in (
        {"seed": "t"},
        {"digest": "0" * 64},
        {"frame_digest": "0" * 64},
        {"policy": record["policy"] | {"share": "0.5"}},
        {"units": [record["units"][0] | {"drawn": not record["units"][0]["drawn"]}, *record["units"][1:]]},
        {"units": record["units"][1:]},
    ):
        assert not verify(record | change)


def test_an_unknown_algorithm_is_not_repeated() -> None:
    record = json.loads(draw(FRAME, SpotCheckPolicy(), "s").model_dump_json()) | {"algorithm": "other"}
    assert not verify(record)
    with pytest.raises(ValueError, match="other"):
        redraw(record)


@pytest.mark.parametrize(
    ("frame", "seed", "words"),
    [
        ([], "s", "抽样框为空"),
        ([unit("1")], " ", "种子"),
        ([unit("1")], "s ", "种子"),
        ([unit("1"), unit("1")], "s", "重复"),
        ([unit("1|2")], "s", "“|”"),
        ([unit("1", stratum="")], "s", "不能为空"),
    ],
)
def test_a_frame_that_cannot_be_drawn_from_is_refused(frame: list[FrameUnit], seed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw(frame, SpotCheckPolicy(), seed)


def test_a_weight_of_zero_is_refused_only_where_it_counts() -> None:
    frame = [unit("1", risk="0"), unit("2")]
    assert len(draw(frame, SpotCheckPolicy(), "s").drawn) == 1
    with pytest.raises(ValueError, match="大于0"):
        draw(frame, SpotCheckPolicy(measure="risk"), "s")


def test_inclusion_probabilities_are_those_of_the_textbook() -> None:
    # Tillé, Sampling Algorithms (2006), section 2.10: sizes 1, 9, 10, 70, 90, 120 and three to draw.
    sizes = {str(n): Fraction(x) for n, x in enumerate((1, 9, 10, 70, 90, 120))}
    chances = list(inclusion_probabilities(sizes, 3).values())
    assert chances == [Fraction(1, 90), Fraction(1, 10), Fraction(1, 9), Fraction(7, 9), 1, 1]


def test_frequencies_match_the_probabilities() -> None:
    frame = [unit(f"{n}", risk=str(1 + n)) for n in range(8)]
    policy, rounds = SpotCheckPolicy(share=D("0.4"), measure="risk"), 4000
    counts: Counter[str] = Counter()
    for n in range(rounds):
        counts.update(draw(frame, policy, f"seed-{n}").drawn)
    for u in draw(frame, policy, "x").units:
        p = float(u.probability)
        assert abs(counts[u.code] / rounds - p) < 4 * (p * (1 - p) / rounds) ** 0.5 + 1e-9


def test_equal_chances_make_every_pair_equally_likely() -> None:
    # Systematic selection from a random order with equal chances is simple random sampling: n(n-1)/(N(N-1)) per pair.
    frame, rounds = [unit(f"{n}") for n in range(6)], 3000
    pairs: Counter[tuple[str, str]] = Counter()
    for n in range(rounds):
        drawn = draw(frame, SpotCheckPolicy(share=D("0.5")), f"seed-{n}").drawn
        pairs.update(pairwise(drawn))
        pairs.update([(drawn[0], drawn[2])])
    expected = Fraction(3 * 2, 6 * 5)
    assert len(pairs) == 15
    for count in pairs.values():
        assert abs(count / rounds - expected) < 4 * (0.2 * 0.8 / rounds) ** 0.5


def test_risk_grows_with_findings_deviation_and_silence_up_to_a_limit() -> None:
    policy = RiskPolicy()
    assert risk_weight(0, None, True, policy) == 1
    assert risk_weight(0, None, False, policy) == D("1.5")
    assert risk_weight(2, D(10), True, policy) == D("1.7")
    assert risk_weight(50, D(90), False, policy) == 3
    with pytest.raises(ValueError, match="负数"):
        risk_weight(-1, None, True, policy)


def test_strata_part_departments_by_class_and_size() -> None:
    policy = SpotCheckPolicy(size_limits=(D(1000), D(5000)))
    assert [stratum("行政", D(n), policy) for n in (999, 1000, 5000)] == ["行政·规模1", "行政·规模2", "行政·规模3"]
    assert stratum("行政", D(999), SpotCheckPolicy()) == "行政"
    with pytest.raises(ValueError, match="逐个增大"):
        SpotCheckPolicy(size_limits=(D(5), D(5)))


@given(frames, policies, st.data())
def test_a_classified_unit_is_drawn_under_its_alias_and_the_record_is_still_repeatable(
    frame: list[FrameUnit], policy: SpotCheckPolicy, data: st.DataObject
) -> None:
    hidden = data.draw(st.sets(st.sampled_from([u.code for u in frame])))
    own = [
        u.model_copy(update={"alias": f"代号{u.code}", "name": "某保密局"} if u.code in hidden else {}) for u in frame
    ]
    record = draw(own, policy, "s")
    public = sealed(record.model_dump_json())
    assert verify(record.model_dump_json()) and verify(public.model_dump_json())
    assert set(public.drawn) == {u.alias or u.code for u in record.units if u.drawn}
    assert {u.name for u in public.units if u.code.startswith("代号")} <= {SEALED_NAME}
    assert "某保密局" not in public.model_dump_json()
    assert not {u.code for u in public.units} & hidden
    assert {u.ratio for u in public.units} == {u.ratio for u in record.units}


def test_a_record_without_aliases_is_published_as_it_is() -> None:
    record = draw(FRAME, SpotCheckPolicy(), "2025-07-01 第1号")
    assert sealed(record) == record
    assert "alias" not in record.model_dump_json(), "records from before there were aliases keep their digest"


def test_what_would_tell_a_classified_unit_by_its_figures_is_left_out_unless_chances_rest_on_it() -> None:
    frame = [unit("101", size="3276.5", risk="1.7").model_copy(update={"alias": "代号a"}), unit("102"), unit("103")]
    public = sealed(draw(frame, SpotCheckPolicy(), "s"))
    [hidden] = [u for u in public.units if u.code == "代号a"]
    assert (hidden.size, hidden.risk) == (1, 1)
    weighed = sealed(draw(frame, SpotCheckPolicy(measure="size"), "s"))
    assert {u.size for u in weighed.units} == {D("3276.5"), D(1)}
    assert [coarse(D(n)) for n in ("3276.5", "9600", "1", "0.44", "12")] == [3000, 10000, 1, D("0.4"), 10]


def test_an_alias_that_is_somebodys_code_is_refused() -> None:
    with pytest.raises(ValueError, match="代号"):
        draw([unit("1").model_copy(update={"alias": "2"}), unit("2")], SpotCheckPolicy(), "s")
