"""Opening .7z and .rar (解压7z与rar) in a child process, because their libraries start programs and take what memory they like."""

from __future__ import annotations

from models.facts import ReadError
from tasks import reading
from tasks.intake.limits import Limits
from tasks.intake.parts import BombError, NamedFile, SetAside
from tasks.mail.cleaning import file_label

_MAGIC = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar"}
# What the whole of an archive can be refused for, as those who sent it are told; anything else is damage.
_REASONS = {
    "encrypted": "压缩包设有密码，无法打开；请不要设置密码，重新压缩后发送",
    "archive-tool-missing": "收件系统没有安装解压这种压缩包的工具；请改用zip格式压缩，或把文件直接作为附件发送",
    "timeout": "解压用时超过上限，没有打开；请把文件直接作为附件发送",
    "memory": "解压所需内存超过上限，没有打开；请把文件直接作为附件发送",
    "crashed": "解压程序被这个压缩包中断，没有打开；请改用zip格式压缩，或把文件直接作为附件发送",
}
_DAMAGED = "压缩包已损坏或是分卷压缩包，无法打开；请压缩成一个完整的zip文件后发送"


def kind_of(content: bytes) -> str | None:
    """7z or rar (压缩格式), told by content; None for everything else."""
    return next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)


def members(label: str, content: bytes, limits: Limits, used: int) -> list[NamedFile | SetAside]:
    """The files of an archive (压缩包内文件), as labels with contents. ``used`` bytes were unpacked from the delivery before.

    Raises BombError when it holds more than a delivery may.
    """
    bounds = reading.ReadLimits(
        file_bytes=max(limits.file_bytes, len(content)),
        members=10 * limits.files,
        archive_documents=10 * limits.files,
        unpacked_bytes=max(limits.total_bytes - used, 1),
        part_bytes=limits.file_bytes,
    )
    try:
        found = reading.open_archive(content, label, bounds)
    except reading.UnreadableError as error:
        if error.code == "limit-exceeded":
            raise BombError(f"压缩包“{label}”{error.detail}，超出限制") from error
        return [SetAside(label, _REASONS.get(error.code, _DAMAGED))]
    return [_one(label, name, inside, limits) for name, inside in found]


def _one(label: str, name: str, inside: bytes | ReadError, limits: Limits) -> NamedFile | SetAside:
    if isinstance(inside, bytes):
        return NamedFile(file_label(name), inside)
    if inside.code == "too-large":
        return SetAside(file_label(name), f"超过{limits.file_bytes // 1024 // 1024}MB的大小限制")
    return SetAside(file_label(name), f"在压缩包“{label}”中，解压失败，请重新压缩后发送")
