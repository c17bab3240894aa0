"""Labels compared by what they name (名目比对): filler words of official prose do not make two labels different."""

from __future__ import annotations

import re
from functools import lru_cache

_FILLER = re.compile(
    r"20\d{2}年度?|本年度?|上年度?|全年|其中|财政拨款|部门|单位|决算数?|支出数|总额|总计|合计|共计|资金|情况|完成|预算数?|年初|调整后?|"
    r"相比|对比|比较|较|与|和|及|同|比|为|达到?|数|均|约|的|了|有|共|主要|本|我局|“|”|（类）|（款）|（项）|\(类\)"
)


@lru_cache(maxsize=8192)
def core(label: str) -> str:
    """What a label names (名目核心): years, totals and connecting words removed."""
    return _FILLER.sub("", label).strip("、，：:；（）() ")


def longest_common(first: str, second: str) -> str:
    """The longest stretch of characters that stands in both (最长公共片段)."""
    best = ""
    lengths = [0] * (len(second) + 1)
    for one in range(1, len(first) + 1):
        previous = 0
        for two in range(1, len(second) + 1):
            kept = lengths[two]
            lengths[two] = previous + 1 if first[one - 1] == second[two - 1] else 0
            if lengths[two] > len(best):
                best = first[one - lengths[two] : one]
            previous = kept
    return best


@lru_cache(maxsize=32768)
def same_name(first: str, second: str) -> bool:
    """Whether two labels name the same thing (是否同一名目): equal cores, or one inside the other with four characters."""
    one, two = core(first), core(second)
    if not one or not two:
        return False
    if one == two:
        return True
    short, long = sorted((one, two), key=len)
    return len(short) >= 4 and short in long
