"""Printed text made comparable (文字归一): blanks, widths, brackets and list numbers."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
# 一、 （二） 3. 4． (5) ① 第六、 项目1：  at the start of a heading or a label.
ENUMERATOR = re.compile(
    r"^(?:第?[一二三四五六七八九十百]+[、.．,，:：]|[（(][一二三四五六七八九十百\d]+[)）][、.．]?|\d{1,2}[)）、．]|\d{1,2}\.(?!\d)|[①-⑳])\s*"
)
CLOSING = "。.；;，,、：: "


def half_width(text: str) -> str:
    """Full-width to half-width (全角转半角), with the signs that Unicode leaves apart; punctuation becomes ASCII too."""
    return unicodedata.normalize("NFKC", text).replace("≧", "≥").replace("≦", "≤").replace("﹪", "%")


@lru_cache(maxsize=8192)
def squeezed(text: str) -> str:
    """Half-width and without any blank (去空白), for comparing labels and names."""
    return "".join(half_width(text).split())


def traced(text: str) -> tuple[str, list[int]]:
    """``squeezed`` with the way back (可回溯的归一): for each character of the result, its position in ``text``."""
    plain = squeezed(text)
    positions = [position for position, char in enumerate(text) if not char.isspace()]
    if len(plain) == len(positions):
        return plain, positions
    # A character such as ㎡ becomes two: take the long way.
    pairs = [(one, at) for at, char in enumerate(text) for one in half_width(char) if not one.isspace()]
    return "".join(one for one, _ in pairs), [at for _, at in pairs]


def folded(text: str) -> str:
    """The text as printed with white space folded (折叠空白): what goes out as a fact."""
    return re.sub(r"\s+", " ", text.replace("\u3000", " ")).strip()


@lru_cache(maxsize=4096)
def bare_label(text: str) -> str:
    """A label without blanks, bracketed notes, list number and closing colon (标签主干).

    ``" 1.项目资金（万元）："`` becomes ``项目资金``; a formula letter after it (``全年执行数B``) goes as well. Where nothing
    but a bracketed note stands there, the note itself is the label.
    """
    plain = re.sub(r"^其中[-:、,—]*", "", ENUMERATOR.sub("", squeezed(text)))
    core = BRACKETED.sub("", plain)
    core = re.sub(r"(?<=[\u4e00-\u9fff])[A-Z](?:[/÷][A-Z])?(?:[×*]100%)?$", "", core)
    return core.strip(CLOSING + "*※-—_") or plain.strip("()" + CLOSING)


def notes_of(text: str) -> list[str]:
    """The bracketed notes of a label (标签括注): ``年初预算数（万元）`` gives ``["万元"]``."""
    return [note[1:-1] for note in BRACKETED.findall(squeezed(text))]


def without_enumerator(text: str) -> str:
    """A heading without its list number (去编号), however many stand in front of it."""
    previous, current = "", text.strip()
    while previous != current:
        previous, current = current, ENUMERATOR.sub("", current).strip()
    return current


def clauses(text: str) -> list[str]:
    """Sentences of a paragraph (分句): cut at 。！？ and line ends, never inside brackets."""
    return _cut(text, "。！？!?\n")


def items(text: str) -> list[str]:
    """Parts of an enumeration (分项): cut at ；, never inside brackets."""
    return _cut(text, "；;")


def _cut(text: str, marks: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for found in re.finditer(f"[（(【[《）)】\\]》{marks}]", text):
        char = found[0]
        if char in marks:
            if depth == 0 or char == "\n":
                parts.append(text[start : found.start()])
                start, depth = found.end(), 0
        else:
            depth = max(0, depth + (1 if char in "（(【[《" else -1))
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def likeness(left: str, right: str) -> float:
    """How alike two texts are, 0 to 1 (相似度), blanks and quotation marks ignored."""
    a, b = (re.sub(r"[“”\"'‘’]", "", squeezed(side)) for side in (left, right))
    return 1.0 if a == b else SequenceMatcher(None, a, b, autojunk=False).ratio()
