"""Whatever a client sends, the Bot API answers with a result or a refusal, never with a crash."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram.api import METHODS
from sandbox.telegram.call import Call
from sandbox.telegram.phone import Phone
from sandbox.telegram.refusals import Refusal
from sandbox.world import World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
ENTITY = st.fixed_dictionaries({"type": st.just("bold") | JSON, "offset": JSON, "length": JSON})
MEDIUM = st.fixed_dictionaries({"type": st.just("photo") | JSON, "media": JSON})
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "chat_id": st.just(6_104_882_371) | JSON,
        "text": st.text(max_size=8) | JSON,
        "entities": st.lists(ENTITY, max_size=3) | JSON,
        "reply_parameters": st.fixed_dictionaries(
            {"message_id": st.just(1) | JSON}, optional={"quote": JSON, "quote_entities": JSON}
        )
        | JSON,
        "reply_markup": st.fixed_dictionaries({"inline_keyboard": JSON}) | JSON,
        "message_id": st.integers(0, 3) | JSON,
        "message_thread_id": JSON,
        "document": JSON,
        "photo": JSON,
        "reaction": JSON,
        "action": st.just("typing") | JSON,
        "commands": JSON,
        "url": JSON,
        "allowed_updates": JSON,
        "offset": JSON,
        "limit": JSON,
        "file_id": JSON,
        "callback_query_id": JSON,
        "name": JSON,
        "user_id": JSON,
        "business_connection_id": JSON,
        "media": MEDIUM | st.lists(MEDIUM, max_size=3) | JSON,
        "message_ids": JSON,
        "caption": JSON,
        "latitude": JSON,
        "longitude": JSON,
        "options": st.lists(st.fixed_dictionaries({"text": JSON})) | JSON,
        "question": JSON,
        "emoji": JSON,
    },
)


@given(method=st.sampled_from(sorted(METHODS)), fields=FIELDS)
def test_any_fields_end_in_a_result_or_a_refusal(method: str, fields: dict[str, Any]) -> None:
    world = World()
    Phone(world).say("mei", "hello")

    assert asyncio.run(_code(world, method, fields)) in (200, 400, 409)


async def _code(world: World, method: str, fields: dict[str, Any]) -> int:
    try:
        await METHODS[method](world.telegram, Call(world.telegram.bots[0], method, fields))
    except Refusal as refusal:
        return refusal.code
    return 200
