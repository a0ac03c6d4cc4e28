"""The few kinds of rule of which Block Kit's limits are made: strings, numbers, words, lists, records, choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class String:
    """A string of ``least`` to ``most`` characters, counted in Unicode code points; ``most`` of None is no limit."""

    most: int | None
    least: int = 1


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number (any number where ``whole`` is False) from ``least`` to ``most``."""

    least: float | None = None
    most: float | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Word:
    """One of a fixed set of strings."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """An array of ``least`` to ``most`` values of one shape; ``gaps`` allows null in place of a value."""

    of: Shape
    most: int | None
    least: int = 1
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """An object with these fields and no others. Of ``some_of``, where given, at least one must be present."""

    fields: Mapping[str, Shape] = field(default_factory=dict, hash=False)
    required: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """An object whose ``type`` says which record it is."""

    types: Mapping[str, Record] = field(hash=False)


Shape = String | Number | Boolean | Word | Items | Record | Choice
