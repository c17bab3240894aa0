"""Real documents in the practice year (真实材料): enrolled under the departments they name, dropped in, read like any other."""

from __future__ import annotations

from pathlib import Path

from tasks.practice import post
from tasks.practice.people import World
from tasks.practice.world import RealDepartment
from tasks.read_report import read_reports


def departments_named(folder: Path) -> tuple[list[RealDepartment], list[Path]]:
    """The departments that the documents in a folder name (材料中写明的部门), and the files that name none."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    by_name: dict[str, list[Path]] = {}
    unnamed = []
    for path, outcome in zip(files, read_reports(files), strict=True):
        name = outcome.facts.department if outcome.facts else None
        if name:
            by_name.setdefault(name, []).append(path)
        else:
            unnamed.append(path)
    return [RealDepartment(name, tuple(paths)) for name, paths in sorted(by_name.items())], unnamed


def submit(world: World, real: list[RealDepartment], unnamed: list[Path]) -> int:
    """Put the real documents into the drop folder (报送真实材料), each as a sending of its own; returns how many are new.

    A file that names no department goes in without one, for the intake to set aside.
    """
    sent = 0
    for number, department in enumerate(real, start=1):
        for path in department.files:
            sent += post.drop_in(world.settings.inbox_folder, f"R{number:02d}/{path.stem}-{path.suffix[1:]}", [path])
    for path in unnamed:
        sent += post.drop_in(world.settings.inbox_folder, "", [path])
    return sent
