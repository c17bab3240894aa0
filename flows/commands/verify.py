"""``jixiao verify``: check a data folder (核验数据目录) and say what differs."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from flows.commands import environment
from tasks import store, verification


def verify(home: Path) -> int:
    """Verify hashes, audit chain and every score (核验); 0 when nothing differs, 1 otherwise or without a database."""
    console = Console()
    if not home.is_dir():
        console.print(f"没有数据目录 {home}，请核对路径。 There is no folder {home}.")
        return 1
    environment.enter(home)
    if not store.exists():
        console.print(
            f"目录 {home} 中没有业务数据库，没有可以核验的内容，未做任何改动；请核对路径。"
            f" There is no database in {home}: nothing was verified and nothing was made."
        )
        return 1
    store.migrate()
    result = verification.verify()
    for name, count in result.checked.items():
        console.print(f"  {name}：核验{count}项")
    for sentence in result.differences:
        console.print(f"[red]✗[/] {sentence}")
    console.print(
        "[green]全部一致。[/]" if not result.differences else f"[red]共{len(result.differences)}处不一致。[/]"
    )
    return 1 if result.differences else 0
