"""Files that are never opened (危险文件): programs, scripts, shortcuts; told by name and by content."""

from __future__ import annotations

import unicodedata

# fmt: off
PROGRAMS = frozenset({
    "exe", "com", "scr", "pif", "bat", "cmd", "msi", "msp", "dll", "cpl", "lnk", "url", "js", "jse", "vbs", "vbe",
    "wsf", "wsh", "hta", "ps1", "jar", "apk", "sh", "reg", "chm", "iso", "img", "vhd",
})
# fmt: on
# Leading bytes of Windows and Linux programs.
_MAGIC = (b"MZ", b"\x7fELF")


def danger_of(name: str, content: bytes) -> str | None:
    """Why a file is dangerous (危险原因), or None."""
    suffix = unicodedata.normalize("NFKC", name).rpartition(".")[2].strip().lower()
    if suffix in PROGRAMS:
        return f".{suffix} 程序、脚本或快捷方式"
    if content.startswith(_MAGIC):
        return "内容是可执行程序"
    return None
