"""Opening zip files (解压): bounded in number, size, ratio and depth; names are labels, paths are never used."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass, field

from tasks.intake.limits import Limits
from tasks.mail.cleaning import file_label

_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
# Litter of operating systems and office programs.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
# Documents that are zip files themselves: by a member that every one of them has.
_DOCUMENTS = {"[Content_Types].xml", "OFD.xml", "mimetype", "META-INF/manifest.xml"}
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError, RuntimeError, KeyError)


class BombError(ValueError):
    """An archive that would unpack to far more than it is (疑似压缩炸弹)."""


@dataclass(frozen=True)
class NamedFile:
    """A document with its label (文件)."""

    name: str
    content: bytes


@dataclass(frozen=True)
class SetAside:
    """A part of a delivery that was not used, and why (未采用的部分)."""

    name: str
    reason: str


@dataclass
class Found:
    """What was found in a delivery (拆包结果)."""

    files: list[NamedFile] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    unpacked_bytes: int = 0


def is_archive(content: bytes) -> bool:
    """Whether bytes are a zip file that is not itself a document (压缩包判定), told by content."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return not _DOCUMENTS & set(archive.namelist())
    except BROKEN:
        return False


def expand(found: Found, label: str, content: bytes, limits: Limits, depth: int = 1) -> None:
    """Add the files of an archive to ``found`` (解压). Raises BombError before anything large is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [m for m in archive.infolist() if not _litter(m)]
            _refuse_bombs(found, label, members, limits)
            for member in members:
                _take(found, archive, member, label, limits, depth)
    except BROKEN as error:
        if isinstance(error, BombError):
            raise
        found.set_aside.append(SetAside(label, "压缩包已损坏，无法打开，请重新压缩后发送"))


def member_name(member: zipfile.ZipInfo) -> str:
    """The name of a member (成员文件名): UTF-8 when flagged, else the GBK that Chinese Windows writes."""
    if member.flag_bits & _UTF8_NAMES:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _litter(member: zipfile.ZipInfo) -> bool:
    name = member.filename
    last = name.rsplit("/", 1)[-1]
    linked = stat.S_ISLNK(member.external_attr >> 16)
    return member.is_dir() or linked or last.startswith(("~$", "._")) or any(part in name for part in _LITTER)


def _refuse_bombs(found: Found, label: str, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    declared = sum(m.file_size for m in members)
    if len(members) > 10 * limits.files or found.unpacked_bytes + declared > limits.total_bytes:
        raise BombError(f"压缩包“{label}”解压后有{len(members)}个文件、{declared // 1024 // 1024}MB，超出限制")
    for member in members:
        packed = max(member.compress_size, 1)
        if member.file_size > limits.ratio_from_bytes and member.file_size // packed > limits.ratio:
            raise BombError(f"压缩包“{label}”中有压缩比异常的文件，疑似压缩炸弹")


def _take(
    found: Found, archive: zipfile.ZipFile, member: zipfile.ZipInfo, label: str, limits: Limits, depth: int
) -> None:
    name = file_label(member_name(member))
    if member.flag_bits & _ENCRYPTED:
        found.set_aside.append(SetAside(name, f"在加密的压缩包“{label}”中，无法打开，请不要设置密码"))
        return
    if member.file_size > limits.file_bytes:
        found.set_aside.append(SetAside(name, f"超过{limits.file_bytes // 1024 // 1024}MB的大小限制"))
        return
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
    if len(content) > member.file_size:
        raise BombError(f"压缩包“{label}”中的文件比声明的大，疑似压缩炸弹")
    found.unpacked_bytes += len(content)
    add(found, name, content, limits, depth)


def add(found: Found, name: str, content: bytes, limits: Limits, depth: int = 0) -> None:
    """Add one file (加入文件), opening it first if it is an archive."""
    if not content:
        found.set_aside.append(SetAside(name, "文件是空的"))
    elif len(content) > limits.file_bytes:
        found.set_aside.append(SetAside(name, f"超过{limits.file_bytes // 1024 // 1024}MB的大小限制"))
    elif is_archive(content):
        if depth >= limits.archive_depth:
            found.set_aside.append(SetAside(name, f"压缩包嵌套超过{limits.archive_depth}层"))
        else:
            expand(found, name, content, limits, depth + 1)
    elif len(found.files) >= limits.files:
        found.set_aside.append(SetAside(name, f"文件超过{limits.files}个"))
    else:
        found.files.append(NamedFile(name, content))
