"""The register of consistency checks (核对项目登记): each check explains itself to staff."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models.checks.material import Material
from models.facts import Finding

Finder = Callable[[Material], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """One kind of check (一类核对): what it holds against what, an invented example, and why it can be wrong."""

    code: str
    title: str
    what: str
    example: str
    doubt: str
    find: Finder
