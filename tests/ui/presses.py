"""Pressing what our own components draw, in an AppTest. The one place that uses Streamlit's private names."""

from __future__ import annotations

import json
from typing import Any


def drawn(at: Any, key: str) -> dict[str, Any]:
    """The facts a `view` with this key draws."""
    return json.loads(_component(at, key).proto.json)[0]["facts"]


def keys(at: Any) -> list[str]:
    """The keys of all components on the page."""
    return [c.proto.id.split("-", 2)[2] for c in at.get("bidi_component")]


def press(at: Any, key: str, **pick: str) -> Any:
    """Press something with an id (or href) in the `view` with this key, and run the page again."""
    states = at._tree.get_widget_states()
    state = states.widgets.add()
    state.id = f"$$STREAMLIT_INTERNAL_KEY_{_component(at, key).proto.id}__events"
    state.json_trigger_value = json.dumps([{"event": "pick", "value": pick}])
    at._run(states)
    assert not at.exception, [e.value for e in at.exception]
    return at


def _component(at: Any, key: str) -> Any:
    assert not at.exception, [e.value for e in at.exception]
    return next(c for c in at.get("bidi_component") if c.proto.id.endswith(f"-{key}"))


def words(at: Any) -> str:
    """Everything the page says, Streamlit's texts and our components' facts, Markdown escapes taken away."""
    assert not at.exception, [e.value for e in at.exception]
    kinds = ("title", "header", "subheader", "text", "markdown", "caption", "button", "download_button")
    said = [str(getattr(e, "label", None) or getattr(e, "value", "")) for kind in kinds for e in at.get(kind)]
    facts = [json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")]
    return " ".join(s.replace("\\", "") for s in said) + " ".join(facts)
