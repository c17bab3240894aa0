"""``jixiao backup`` and ``jixiao restore``: one archive of a data folder (备份与恢复), verified after it is put back."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from flows.commands import environment
from flows.commands import verify as verifying
from tasks import backup as archive

MEGABYTE = 1024 * 1024


def backup(home: Path, file: Path) -> int:
    """Back the data folder up while it works (备份)."""
    environment.enter(home)
    made = archive.backup(file)
    Console().print(
        f"已备份到 {file}：{made.files}个文件，{made.size / MEGABYTE:.1f} MB，数据库 {made.database}。"
        "设置文件 jixiao.env（含密码）不在备份中，请另行保管。",
        soft_wrap=True,
    )
    return 0


def restore(file: Path, home: Path) -> int:
    """Put a backup back into an empty folder and verify it (恢复并核验); 1 when something differs."""
    environment.enter(home)
    made = archive.restore(file, home)
    Console().print(f"已恢复到 {home}：{made.files}个文件，数据库 {made.database}。正在核验……", soft_wrap=True)
    return verifying.verify(home)
