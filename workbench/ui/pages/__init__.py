"""The screens, one module each with `page()`; a screen only draws what services tell and passes on what is done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from workbench.language import clock, day, t


def when(at: str) -> str:
    """Date and time as one reads them in a list: "14:02" today, "Yesterday 16:40", "4 May 2026, 09:10"."""
    moment = datetime.fromisoformat(at).astimezone()
    today = date.today()
    if moment.date() == today:
        return clock(at)
    if moment.date() == today - timedelta(days=1):
        return t("home.yesterday", at=clock(at))
    return t("home.on", day=day(moment), at=clock(at))
