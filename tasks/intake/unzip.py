"""Opening zip files (解压): bounded in number, size, ratio and depth; names are labels, paths are never used."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib

from tasks.intake import otherpacks
from tasks.intake.limits import Limits
from tasks.intake.parts import BombError, Found, NamedFile, SetAside
from tasks.mail.cleaning import file_label

_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
# Litter of operating systems and office programs.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
# Documents that are zip files themselves: by a member that every one of them has.
_DOCUMENTS = {"[Content_Types].xml", "OFD.xml", "mimetype", "META-INF/manifest.xml"}
# What the standard library raises on zip files that are broken, by accident or on purpose.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_START, _EMPTY = b"PK\x03\x04", b"PK\x05\x06"
# The record at the end: signature, disk numbers and counts, size and place of the directory.
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
# A directory entry takes 46 bytes and its name; the library reads all of them before we can count.
_BYTES_PER_ENTRY = 1024


def is_zip(content: bytes) -> bool:
    """Whether bytes are a zip file of any kind (zip格式判定), documents included."""
    return content.startswith(_START)


def is_archive(content: bytes, limits: Limits) -> bool:
    """Whether bytes are a zip file that is not itself a document (压缩包判定), told by content."""
    if content.startswith(_EMPTY):
        return True
    if not is_zip(content):
        return False
    if _directory_bytes(content) > _most_directory_bytes(limits):
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return not _DOCUMENTS & set(archive.namelist())
    except BROKEN:
        return False


def _most_directory_bytes(limits: Limits) -> int:
    return 10 * limits.files * _BYTES_PER_ENTRY


def _directory_bytes(content: bytes) -> int:
    """How long the directory says it is (目录长度): a million entries fit into 50 MB and take a gigabyte to list."""
    at = content.rfind(_EMPTY)
    if at < 0 or at + _END.size > len(content):
        return 0
    size: int = _END.unpack_from(content, at)[5]
    at64 = content.rfind(b"PK\x06\x06", 0, at)
    if 0 <= at64 <= len(content) - _END64.size:
        size = max(size if size < 0xFFFFFFFF else 0, _END64.unpack_from(content, at64)[8])
    return size


def expand(found: Found, label: str, content: bytes, limits: Limits, depth: int = 1) -> None:
    """Add the files of an archive to ``found`` (解压). Raises BombError before anything large is unpacked."""
    if _directory_bytes(content) > _most_directory_bytes(limits):
        raise BombError(f"压缩包“{label}”的目录异常庞大，疑似压缩炸弹")
    before = len(found.files) + len(found.set_aside)
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
    _say_if_empty(found, label, before)


def expand_other(found: Found, label: str, content: bytes, limits: Limits, depth: int = 1) -> None:
    """Add the files of a .7z or .rar to ``found`` (解压7z与rar), within the same bounds."""
    before = len(found.files) + len(found.set_aside)
    for one in otherpacks.members(label, content, limits, found.unpacked_bytes):
        if isinstance(one, SetAside):
            found.set_aside.append(one)
            continue
        found.unpacked_bytes += len(one.content)
        add(found, one.name, one.content, limits, depth)
    _say_if_empty(found, label, before)


def _say_if_empty(found: Found, label: str, before: int) -> None:
    if len(found.files) + len(found.set_aside) == before:
        found.set_aside.append(SetAside(label, "压缩包里没有文件，请核对后重新压缩发送"))


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
    elif (zipped := is_archive(content, limits)) or otherpacks.kind_of(content) is not None:
        if depth >= limits.archive_depth:
            found.set_aside.append(SetAside(name, f"压缩包嵌套超过{limits.archive_depth}层"))
        else:
            (expand if zipped else expand_other)(found, name, content, limits, depth + 1)
    elif len(found.files) >= limits.files:
        found.set_aside.append(SetAside(name, f"文件超过{limits.files}个"))
    else:
        found.files.append(NamedFile(name, content))
