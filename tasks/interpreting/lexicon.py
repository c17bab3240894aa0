"""The words forms are made of (标签词库), loaded from ``words/*.yml``: what differs between regions is data, not code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tasks.interpreting.text import bare_label

LONGEST_LABEL = 120
FOLDER = Path(__file__).parent / "words"


class Labels:
    """Names that printed labels may mean (标签组): the first entry of the file that matches the whole label wins."""

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        self._patterns = [
            (name, re.compile("|".join(f"(?:{one})" for one in words))) for name, words in entries.items()
        ]
        # The same labels are asked for in every row of every table.
        self._known = lru_cache(maxsize=4096)(self._match)

    def names(self, text: str) -> tuple[str, ...]:
        """Every name this label may mean, best first; a text longer than any label means none."""
        return self._known(text) if len(text) <= LONGEST_LABEL else ()

    def _match(self, text: str) -> tuple[str, ...]:
        core = bare_label(text)
        return tuple(name for name, pattern in self._patterns if core and pattern.fullmatch(core))

    def name(self, text: str) -> str | None:
        """The name this label means, or None."""
        return next(iter(self.names(text)), None)


class Lexicon:
    """The whole word list (词库). Attributes are made once per process; they are never changed."""

    def __init__(self, folder: Path = FOLDER) -> None:
        raw: dict[str, dict[str, Any]] = {
            path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yml"))
        }
        tables = raw["tables"]
        self.indicator_columns = Labels(tables["indicator_columns"])
        self.budget_columns = Labels(tables["budget_columns"])
        self.fund_rows = Labels(tables["fund_rows"])
        self.total_rows = Labels({"total": tables["total_rows"]})
        self.subtotal_rows = Labels({"subtotal": tables["subtotal_rows"]})
        self.pairs = Labels(tables["pairs"])
        self.ignored = Labels({"ignored": tables["ignored"]})
        self.text_rows = Labels(tables["text_rows"])
        self.project_list_columns = Labels({**tables["project_list_columns"], **tables["budget_columns"]})
        self.function_columns = Labels(tables["function_columns"])
        self.quantities: dict[str, Any] = raw["quantities"]
        self.money: dict[str, Any] = raw["money"]
        self.prose: dict[str, Any] = raw["prose"]
        self.identity: dict[str, Any] = raw["identity"]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The packaged word list (内置词库)."""
    return Lexicon()
