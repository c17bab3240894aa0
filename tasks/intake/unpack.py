"""Opening a message (拆件): its documents, its words, and what was set aside and why. Nothing here is believed."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass, replace
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message

from tasks.intake import automatic, bounces, headers
from tasks.intake.danger import danger_of
from tasks.intake.limits import Limits
from tasks.intake.macros import has_macros
from tasks.intake.parts import BombError, Found, NamedFile, SetAside
from tasks.intake.unzip import add
from tasks.intake.wording import add_words, own_words
from tasks.mail.cleaning import one_line

_SIGNATURES = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "text/vcard",
    "text/x-vcard",
    "text/calendar",
}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_MACROS = "含有宏（程序），没有打开；请另存为不含宏的.docx或.xlsx文件后重新发送"
# The other half of a file that a Mac sends: icon and position, no content.
_HALVES = {"application/applefile", "application/mac-binhex40"}
# What the standard library raises on malformed mail.
MALFORMED = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True)
class Package:
    """An opened delivery (拆开的来件). ``refusal`` says why the whole of it must not be used."""

    files: tuple[NamedFile, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    senders: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    refusal: str | None = None
    remedy: str | None = None
    bounce: bounces.Bounce | None = None
    message_id: str = ""
    replied_to: tuple[str, ...] = ()
    automatic: bool = False
    forged: bool = False


@dataclass
class _Walk:
    limits: Limits
    found: Found
    texts: list[str]
    parts: int = 0


def open_message(raw: bytes, limits: Limits) -> Package:
    """Open a mail (拆邮件). Never raises on what a mail contains; ``refusal`` tells what went wrong."""
    head = Package()
    try:
        message: Message = email.message_from_bytes(raw, policy=headers.TOLERANT)
        head = _head(message)
        return _opened(head, message, raw, limits)
    except Exception as error:  # noqa: BLE001 - strangers' bytes find every bug of every library; no bytes stop the others
        return replace(
            head,
            refusal=f"邮件格式异常，无法解析（{type(error).__name__}）",
            remedy="请新建一封邮件，重新添加附件后发送",
        )


def _head(message: Message) -> Package:
    """What the head says (邮件头信息), which is known even where the rest cannot be read."""
    return Package(
        senders=tuple(headers.senders(message)),
        subject=headers.words(message.get("Subject")),
        message_id=one_line(str(message.get("Message-ID", "")), 200),
        replied_to=headers.replied_to(message),
        forged=_forged(message),
    )


def _opened(head: Package, message: Message, raw: bytes, limits: Limits) -> Package:
    bounce = bounces.recognise(message, raw, head.senders, limits)
    if bounce is not None and bounce.standard:
        return replace(head, bounce=bounce)
    walk = _Walk(limits, Found(), [])
    refusal: str | None = None
    try:
        _visit(walk, message, 0, related=False)
    except BombError as error:
        refusal = str(error)
    package = judged(walk.found, refusal)
    return replace(
        head,
        files=package.files,
        set_aside=package.set_aside,
        text=own_words(walk.texts, limits),
        refusal=package.refusal,
        remedy=package.remedy,
        bounce=bounce,
        automatic=automatic.answered_by_program(message, head.subject, bool(package.files) or refusal is not None),
    )


def open_file(name: str, content: bytes, limits: Limits) -> Package:
    """Open a file from the drop folder (拆文件): archives are expanded."""
    found = Found()
    try:
        add(found, name, content, limits)
        return judged(found, None)
    except BombError as error:
        return judged(found, str(error))
    except Exception as error:  # noqa: BLE001 - as above
        reason = f"文件格式异常，无法打开（{type(error).__name__}）"
        return Package(refusal=reason, remedy="请在本机确认能够打开，另存为新文件后重新报送")


def judged(found: Found, refusal: str | None) -> Package:
    """Refuse dangerous contents (危险文件判定); set documents with macros aside; hand the others on."""
    remedy = "请删除压缩包中的无关文件，直接以Word、PDF、Excel附件发送" if refusal else None
    dangers = [f"“{f.name}”（{why}）" for f in found.files if (why := danger_of(f.name, f.content))]
    if dangers and not refusal:
        refusal = "含有可能危险的文件：" + "、".join(dangers)
        remedy = "请只发送Word、PDF、Excel文件，不要附带程序、脚本或快捷方式"
    if refusal:
        return Package(set_aside=tuple(found.set_aside), refusal=refusal, remedy=remedy)
    programmed = {id(f) for f in found.files if has_macros(f.content)}
    aside = [SetAside(f.name, _MACROS) for f in found.files if id(f) in programmed]
    files = tuple(f for f in found.files if id(f) not in programmed)
    return Package(files=files, set_aside=(*found.set_aside, *aside))


def _visit(walk: _Walk, part: Message, depth: int, *, related: bool) -> None:
    walk.parts += 1
    if walk.parts > walk.limits.parts or depth > walk.limits.depth:
        raise BombError(f"邮件嵌套超过{walk.limits.depth}层或超过{walk.limits.parts}个部分")
    kind = part.get_content_type()
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in part.defects):
        walk.found.set_aside.append(SetAside("邮件末尾", "缺失，邮件可能没有传输完整；请核对附件，如不完整请重新发送"))
    if kind == "message/rfc822" and (inner := _wrapped(part)) is not None:
        _visit(walk, inner, depth + 1, related=False)
        return
    if part.is_multipart():
        for child in part.get_payload():
            if isinstance(child, Message):
                _visit(walk, child, depth + 1, related=kind == "multipart/related")
        return
    if kind.startswith("multipart/"):
        walk.found.set_aside.append(SetAside("邮件的一部分", "邮件结构损坏，附件可能不完整，请重新发送"))
        return
    name = headers.file_name(part)
    attached = part.get_content_disposition() == "attachment"
    if kind in _SIGNATURES or kind in _HALVES:
        return
    if kind in _TNEF or (name or "").lower() == "winmail.dat":
        walk.found.set_aside.append(
            SetAside(
                name or "winmail.dat", "是Outlook的RTF格式附件，无法打开；请把邮件格式改为“纯文本”或“HTML”后重新发送"
            )
        )
        return
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    if kind.startswith("text/") and not attached and name is None:
        add_words(walk.texts, kind, content, part.get_content_charset(), walk.limits)
    elif kind.startswith("image/") and (related or (part.get("Content-ID") and not attached) or name is None):
        # Logos and pasted pictures of the letter itself.
        return
    elif (name or "").lower().endswith(".eml"):
        inner_message: Message = email.message_from_bytes(content, policy=headers.TOLERANT)
        _visit(walk, inner_message, depth + 1, related=False)
    elif name or attached or not kind.startswith("text/"):
        add(walk.found, name or "未命名附件", content, walk.limits)


def _wrapped(part: Message) -> Message | None:
    """A forwarded mail that was encoded (编码的转发邮件), which the standard forbids and some programs do."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() not in {"base64", "quoted-printable"}:
        return None
    coded = part.get_payload(0) if part.is_multipart() else None
    if not isinstance(coded, Message) or coded.keys():
        return None
    shell = Message(policy=headers.TOLERANT)
    shell["Content-Transfer-Encoding"] = str(part["Content-Transfer-Encoding"])
    shell.set_payload(coded.get_payload())
    content = shell.get_payload(decode=True)
    return email.message_from_bytes(content, policy=headers.TOLERANT) if isinstance(content, bytes) else None


def _forged(message: Message) -> bool:
    """Whether the bureau's own mail server found the sender forged (发件人验证未通过).

    Only the topmost result counts: that one our server wrote; lower ones came with the mail.
    """
    result = str(message.get("Authentication-Results", "")).lower()
    return bool(re.search(r"\b(?:dmarc|spf)\s*=\s*fail\b", result))
