"""Names of departments as titles and cells print them (单位名称)."""

from __future__ import annotations

import re
from functools import lru_cache

from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.text import folded, half_width


def department_name(text: str) -> str | None:
    """The department a title or a cell names (单位名称), without year, tail and what the report is; None if none."""
    name = re.sub(r"^.*?附\s*[件表]\s*\d*[:：]?|^\d{3,}\s*[-—_]\s*", "", folded(text))
    name = re.sub(r"20\d\d\s*年?度?(?=[^局委院办]*$)|^\s*20\d\d\s*年?度?|^关于", "", name)
    for end in lexicon().identity["title_ends"]:
        name = re.split(rf"(?:20\d\d\s*年?度?\s*)?{end}", half_width(name))[0]
    name = re.sub(r"20\d\d\s*年?度?.*$|^[\d\s、.]+|的$", "", name).strip(' :："“”,，')
    previous = ""
    while previous != name:
        previous = name
        for tail in lexicon().identity["tails"]:
            shorter = name.removesuffix(tail).strip()
            name = shorter if shorter != name and len(shorter) >= 4 and not is_agency(name) else name
            if tail == "部门" and is_agency(name.removesuffix("部门")):
                name = name.removesuffix("部门")
    return name if is_agency(name) and 4 <= len(name) <= 40 else None


def is_agency(name: str) -> bool:
    """Whether a name ends as the name of an office does (机关名称)."""
    plain = re.sub(r"\([^()]*\)$", "", half_width(name))
    return bool(re.fullmatch(r"[\u4e00-\u9fff()、·“”\"\d]+", plain)) and plain.endswith(_agencies())


@lru_cache(maxsize=1)
def _agencies() -> tuple[str, ...]:
    return tuple(word for word in lexicon().identity["agencies"])


def cell_name(text: str) -> str | None:
    """A cell that holds a name which ends like no office we know is still the department's own word."""
    name = re.sub(r"^\d{3,}\s*[-—_]\s*", "", folded(text))
    for tail in lexicon().identity["tails"]:
        name = name.removesuffix(tail).strip()
    return name if re.fullmatch(r"[\u4e00-\u9fff（）()]{3,40}", name) else None
