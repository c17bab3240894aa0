"""Interpreting (解读): from a Document to facts, by recognising the form and then reading it."""

from tasks.interpreting.interpret import interpret

__all__ = ["interpret"]
