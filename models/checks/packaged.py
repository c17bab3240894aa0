"""The checks' own word lists (核对词表): YAML beside this module, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def word_list(name: str) -> Any:
    """The content of ``data/<name>.yml`` (词表内容)."""
    return yaml.safe_load((files("models.checks") / "data" / f"{name}.yml").read_text(encoding="utf-8"))
