"""Every kind of event is one documented type, or deliberately none."""

import re
from pathlib import Path
from typing import get_args

from core.model.message import DeliveryState
from core.store.live import Kind
from gateway.webhooks.events import MISSED, PING, TYPE_OF, TYPES, concerns, wanted

ROOT = Path(__file__).parents[4]
KINDS = set(get_args(Kind))


def test_every_kind_is_one_type_or_none() -> None:
    """A new kind of event would reach no receiver, and nobody would notice."""
    assert TYPE_OF.keys() == KINDS
    assert {one for one in TYPE_OF.values() if one} == TYPES.keys()


def test_every_kind_that_scripts_publish_is_known() -> None:
    """The type checker does not see into the scripts."""
    scripts = "".join(one.read_text() for one in (ROOT / "core/store/lua").glob("*.lua"))
    published = re.findall(r"publish\(([^\n]*)\)", scripts)
    literal = {kind for one in published for kind in re.findall(r"'(\w+)'", one)}

    assert len(literal) > 5
    assert literal <= KINDS
    assert {state.value for state in DeliveryState} <= KINDS


def test_the_documents_name_every_type() -> None:
    """An integrator would have to read the code to know what to ask for."""
    document = (ROOT / "docs/webhooks.md").read_text()

    assert [one for one in (*TYPES, MISSED, PING) if f"| `{one}` |" not in document] == []


def test_an_endpoint_is_told_of_what_it_asked_for() -> None:
    assert wanted("message.received", ("*",))
    assert wanted("message.received", ("note.written", "message.received"))
    assert not wanted("message.received", ("note.written",))
    assert wanted(MISSED, ("note.written",))


def test_an_endpoint_of_one_inbox_hears_of_no_other() -> None:
    """A supplier who looks after one inbox would read everybody's messages."""
    assert concerns("bot", ())
    assert concerns("bot", ("mail", "bot"))
    assert not concerns("bot", ("mail",))
    assert not concerns("", ("mail",))
