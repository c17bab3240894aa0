"""``jixiao letters``: look at every kind of letter before the year begins (函件样张)."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from tasks.mail.gallery import gallery


def gallery_command(folder: Path) -> int:
    """Write the gallery of letters into a folder (生成函件样张); 0 when done, 1 when the folder cannot be written."""
    console = Console()
    if folder.exists() and not folder.is_dir():
        console.print(f"{folder} 不是文件夹，请另选一个文件夹。 {folder} is not a folder.")
        return 1
    index = gallery(folder)
    console.print(f"已生成{len(list(folder.glob('*.txt')))}种函件的样张，请用浏览器打开 {index}")
    return 0
