"""Intake (收件): what arrives is stored first, then opened, identified, entered and answered."""

from tasks.intake.collect import CollectReport, collect

__all__ = ["CollectReport", "collect"]
