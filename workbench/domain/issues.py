"""What a check found: a rule, how much it matters, where, and a sentence's id with parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Issue:
    rule: str
    severity: Severity
    where: tuple[str, str]  # (kind, id)
    code: str
    params: dict[str, object] = field(default_factory=dict)
