"""How much of a delivery is looked at (收件限制). Larger or deeper things are set aside with a reason, never read."""

from __future__ import annotations

from dataclasses import dataclass

from tasks import settings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds for one delivery (收件限制); figures measured in the project's parsing notes, honest files stay far below."""

    file_bytes: int = 50 * MEGABYTE
    total_bytes: int = 300 * MEGABYTE
    message_bytes: int = 200 * MEGABYTE
    files: int = 200
    parts: int = 1000
    depth: int = 8
    archive_depth: int = 2
    ratio: int = 150
    ratio_from_bytes: int = 200 * 1024
    text_characters: int = 8000
    text_parts: int = 20
    # Duplicates and unusable deliveries of one department that are answered in a day: two programs that answer each
    # other, or somebody who borrows an address, must not fill a department's mailbox.
    answers_per_day: int = 10


def current() -> Limits:
    """The limits of this installation (当前限制): the file size comes from the settings."""
    file_bytes = settings.current().max_file_mb * MEGABYTE
    return Limits(file_bytes=file_bytes, message_bytes=4 * file_bytes)
