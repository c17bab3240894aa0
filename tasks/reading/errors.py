"""Why a file cannot be read (读取失败的原因): stable codes, each with one Chinese sentence that says what to do next."""

from __future__ import annotations

from models.facts import ReadError

MESSAGES: dict[str, str] = {
    "missing-file": "找不到文件“{detail}”，请核对文件路径后重新提交。",
    "empty": "文件是空的（0字节或没有任何内容），可能在发送途中损坏，请重新导出后再报送。",
    "too-large": "文件过大（{detail}），超过了可接收的上限，请压缩图片或拆分后重新报送。",
    "unknown-format": "无法识别文件类型{detail}，请报送Word（.docx）、PDF或Excel（.xlsx）文件。",
    "encrypted": "文件设有打开密码，系统无法读取，请取消密码后重新报送。",
    "old-word": "文件是Word 6.0/95或更早版本的格式，请用Word或WPS打开后另存为.docx或导出PDF再报送。",
    "old-wps": "文件是早期WPS（DOS版）格式，请用WPS打开后另存为.docx或导出PDF再报送。",
    "ofd": "文件是OFD版式文件，系统暂不能读取，请用阅读器另存为PDF，或直接报送Word（.docx）原稿。",
    "rtf": "文件内容是RTF格式（扩展名可能写成了.doc），请用Word或WPS打开后另存为.docx再报送。",
    "html": "文件内容是网页格式（扩展名可能写成了.doc或.xls），请用Word或WPS打开后另存为.docx或.xlsx再报送。",
    "damaged": "文件已损坏或不完整（{detail}），请在本机确认能够打开后重新导出、重新报送。",
    "limit-exceeded": "文件超出读取上限（{detail}），为保证安全没有继续读取；如内容确实如此之多，请拆分后报送。",
    "suspicious": "文件的内部结构异常（{detail}），为保证安全没有读取，请用Word或WPS打开后另存为新文件再报送。",
    "no-text": "文件中没有读到文字{detail}，请确认报送的是正式报告，并优先报送Word（.docx）文件。",
    "scan-needs-ocr": (
        "文件是扫描件（{detail}），没有可读取的文字，需人工录入或启用文字识别（--ocr）；请尽量报送Word（.docx）原稿。"
    ),
    "ocr-missing": (
        "文件是扫描件，本机没有安装文字识别组件（安装方法：pip install 'jixiao[ocr]'），"
        "需人工录入或由部门改报Word（.docx）原稿。"
    ),
    "legacy-unreadable": "这个旧版Word文件无法直接读取（{detail}），请用Word或WPS另存为.docx或导出PDF后重新报送。",
    "archive-empty": "压缩包中没有可读取的报告文件（Word、PDF或Excel），请核对后重新打包报送。",
    "archive-too-deep": "压缩包中套压缩包的层数过多（{detail}），请把报告直接放在一个压缩包中重新报送。",
    "archive-tool-missing": "本机没有解压这种压缩包的工具（{detail}），请改用zip格式打包后重新报送。",
    "timeout": "读取超过了时间上限（{detail}），已停止读取；请用Word或WPS另存为新文件，或拆分后重新报送。",
    "memory": "读取所需内存超过了上限，已停止读取；请用Word或WPS另存为新文件，或拆分后重新报送。",
    "crashed": "读取程序被这个文件中断（{detail}），其他文件不受影响；请用Word或WPS另存为新文件后重新报送。",
    "not-understood": "文件已读出，但解读时程序出错（{detail}），请把文件转交系统维护人员；其他文件不受影响。",
    "reader-failed": "读取程序自身出错（{detail}），请把文件转交系统维护人员；其他文件不受影响。",
    "result-too-large": "文件读出的内容过多（{detail}），超过了上限，请拆分后重新报送。",
}


class UnreadableError(Exception):
    """Raised by a reader that cannot read a file (无法读取).

    ``code`` is a key of ``MESSAGES``; ``detail`` is put into its sentence and says where or how much.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")

    def error(self) -> ReadError:
        """The error as staff and departments see it (对外的错误说明)."""
        return ReadError(code=self.code, message=sentence(self.code, self.detail))


def sentence(code: str, detail: str = "") -> str:
    """The Chinese sentence for a code (错误说明), without empty brackets when there is no detail."""
    return MESSAGES[code].format(detail=detail).replace("（）", "")
