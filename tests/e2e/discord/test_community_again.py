"""The community's side alone: the same thing told again by another process, and broken things."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import settings

from adapters.discord.community.custom_ids import Act, CustomIds
from adapters.discord.incoming.envelope import Reader
from adapters.discord.known import Known
from adapters.discord.line.community import INTERACTION, REACTION, Community
from adapters.discord.line.reactions import AT_ONCE_MAX
from adapters.discord.line.rest import open_rest
from core.model.event import Inbound
from core.recent import Recent
from sandbox.discord.applications import Interaction
from sandbox.discord.gateway.greeting import guild_object
from sandbox.discord.guilds import Channel
from sandbox.discord.interactions import begin_interaction
from sandbox.discord.kinds import Intent, InteractionKind
from sandbox.discord.state import Event
from sandbox.server import Sandbox
from tests.e2e.discord.community_rig import options_for
from tests.e2e.telegram.rig import Core, Directory
from tests.rigs.stopwatch import stopwatch
from tests.rigs.waiting import eventually

MANY: Final = os.environ.get("CHAOS") == "1" or settings().max_examples >= 5000
BROKEN: Final = 20_000 if MANY else 300
SEED: Final = 5
AT_ONCE: Final = 50
CROWD: Final = 60
STORM: Final = 200
SECRET: Final = b"k" * 32
"""What `Core.surroundings` signs with."""


@asynccontextmanager
async def community(sandbox: Sandbox, core: Core) -> AsyncIterator[Community]:
    """As a process has it that knows of the guild, and nothing of what was asked before."""
    options, surroundings = options_for(sandbox), core.surroundings()
    bot, told = sandbox.world.discord.applications[0], Recent[str, bool](1000)
    known = Known(str(bot.id))
    body = guild_object(sandbox.discord.guild(), bot, Intent.GUILDS)
    known.note("GUILD_CREATE", msgspec.json.encode(body))
    async with open_rest(options, surroundings.remark) as rest:
        await rest.ready()
        reader = Reader(account="main", known=known, told=told)
        yield Community(rest, options, surroundings, reader, told)


def heard(sandbox: Sandbox) -> list[Event]:
    """What happens from now on, as a gateway would tell of it."""
    events: list[Event] = []
    sandbox.world.discord.subscribe(events.append)
    return events


def asked(
    sandbox: Sandbox, kind: InteractionKind, data: dict[str, Any], person: str
) -> Interaction:
    state = sandbox.world.discord
    place: Channel = sandbox.discord.place(person, "general")
    return begin_interaction(
        state, state.applications[0], kind, sandbox.discord.user(person), place, data
    )


def support_form(person: int, **given: str) -> dict[str, Any]:
    custom_id = CustomIds(SECRET).write(Act.SUPPORT, person=str(person))
    fields = [{"type": 4, "custom_id": name, "value": value} for name, value in given.items()]
    labels = [{"type": 18, "id": n, "component": one} for n, one in enumerate(fields)]
    return {"custom_id": custom_id, "components": labels}


async def test_what_another_process_had_begun_is_done_once(tmp_path: Path) -> None:
    """Whoever filled in a form while a gateway was lost would ask, and be greeted, twice."""
    async with Sandbox() as sandbox:
        core, events = Core(Directory(tmp_path)), heard(sandbox)
        form = support_form(sandbox.discord.user("mei").id, subject="Lost", description="All")
        asked(sandbox, InteractionKind.MODAL, form, "mei")
        data = msgspec.json.encode(events[-1].payload)
        for _ in range(2):
            async with community(sandbox, core) as process:
                takes = (process.take(INTERACTION, data, core.deliver) for _ in range(3))
                await asyncio.gather(*takes)

        told = {(str(one.thread), one.dedup) for one in core.delivered}
        assert len(told) == 2
        assert len({one.id for one in core.delivered if one.dedup.startswith("said")}) == 1
        assert len(sandbox.discord.texts("mei")) == 1


async def test_a_crowd_that_asks_while_nothing_can_be_stored_is_answered_in_time(
    tmp_path: Path,
) -> None:
    """After an announcement everybody asks at once: who is last would see the bot fail."""
    async with stopwatch() as watch, Sandbox(now=watch.now) as sandbox:
        stored = asyncio.Event()

        async def before(_event: Inbound) -> None:
            await stored.wait()

        core, events = Core(Directory(tmp_path), before=before), heard(sandbox)
        form = support_form(sandbox.discord.user("mei").id, subject="Is it", description="down?")
        async with community(sandbox, core) as process, asyncio.TaskGroup() as tasks:
            crowd = []
            for _ in range(CROWD):
                crowd.append(asked(sandbox, InteractionKind.MODAL, form, "mei"))
                data = msgspec.json.encode(events[-1].payload)
                tasks.create_task(process.take(INTERACTION, data, core.deliver))
            await eventually(lambda: all(one.answer is not None for one in crowd))
            waited = max((one.answered_at or 0) - one.created_at for one in crowd)
            assert core.delivered == []
            stored.set()

        assert waited < 3.0
        requests = {one.dedup for one in core.delivered if one.dedup.startswith("i")}
        assert requests == {f"i{one.id}" for one in crowd}


async def test_a_crowd_that_ticks_one_message_costs_few_calls(tmp_path: Path) -> None:
    """Thousands tick a server's rules: Discord would be asked about each of them, and nobody else
    could be answered meanwhile.
    """
    async with Sandbox() as sandbox:
        app, core, events = sandbox.discord, Core(Directory(tmp_path)), heard(sandbox)
        rules = app.say("noor", "Tick to accept", "general")
        answer = app.say(
            "jonas", "Off and on", "general", reply_to=app.say("mei", "How?", "general")
        )
        gone = app.say("noor", "Tick for news", "general")
        for message in (rules, answer, gone):
            app.react("kofi", message, "✅")
        ticks = [one.payload for one in events if one.name == REACTION]
        app.delete("noor", gone)
        async with community(sandbox, core) as process, asyncio.TaskGroup() as tasks:
            for person in range(1, STORM):
                for tick in ticks:
                    user = tick["member"]["user"] | {"id": str(person)}
                    whose = {"user_id": str(person), "member": tick["member"] | {"user": user}}
                    data = msgspec.json.encode(tick | whose)
                    tasks.create_task(process.take(REACTION, data, core.deliver))

        assert sandbox.world.journal.calls["discord.get_message"] <= 4 * AT_ONCE_MAX
        assert core.delivered == []


# --- broken things


def pieces(sandbox: Sandbox) -> list[tuple[str, dict[str, Any]]]:
    """Whole ones of every kind, as the gateway tells of them."""
    app, ids, events = sandbox.discord, CustomIds(SECRET), heard(sandbox)
    message = app.say("mei", "My withdrawal is stuck", "general")
    answer = app.say("jonas", "Wait a day", "general", reply_to=message)
    mei, channel = app.user("mei").id, str(message.channel.id)
    bodies = [one.payload for one in events if one.name == "MESSAGE_CREATE"]
    menu = {"type": 3, "target_id": str(message.id)}
    resolved = {"resolved": {"messages": {str(message.id): bodies[0]}}}
    member = {"name": "member", "type": 6, "value": str(mei)}
    subject = {"name": "subject", "type": 3, "value": "KYC"}
    users = {"resolved": {"users": {str(mei): {"id": str(mei), "username": "mei.tan"}}}}
    ticket = {"name": "ticket", "type": 1, "options": [member, subject]} | users
    args = (channel, str(message.id), str(mei))
    hand = support_form(mei, reason="Angry", urgency="high")
    noor = str(app.user("noor").id)
    hand["custom_id"] = ids.write(Act.HAND, *args[:2], person=noor)
    whole: list[tuple[InteractionKind, dict[str, Any], str]] = [
        (InteractionKind.COMMAND, {"name": "support", "type": 1}, "mei"),
        (InteractionKind.COMMAND, {"name": "status", "type": 1}, "mei"),
        (InteractionKind.COMMAND, {"name": "link", "type": 1}, "mei"),
        (InteractionKind.COMMAND, ticket, "noor"),
        (InteractionKind.COMMAND, {"name": "Open a conversation"} | menu | resolved, "mei"),
        (InteractionKind.COMMAND, {"name": "Hand to support"} | menu | resolved, "noor"),
        (InteractionKind.MODAL, support_form(mei, subject="a", description="b"), "mei"),
        (InteractionKind.MODAL, hand, "noor"),
        *(
            (InteractionKind.COMPONENT, {"custom_id": one, "component_type": 2}, "mei")
            for one in ("b3", *(ids.write(act, *args) for act in Act))
        ),
    ]
    for kind, data, person in whole:
        asked(sandbox, kind, data, person)
    app.react("mei", message, "🎫")
    app.react("mei", answer, "✅")
    kinds = (INTERACTION, REACTION)
    return [(one.name, dict(one.payload)) for one in events if one.name in kinds]


def broken(pieces: list[tuple[str, dict[str, Any]]], count: int) -> Iterator[tuple[str, bytes]]:
    """By the seed: fields taken away, made something else, put elsewhere; bytes cut and changed."""
    chance = random.Random(SEED)
    for number in range(count):
        kind, payload = chance.choice(pieces)
        changed = msgspec.json.decode(msgspec.json.encode(payload))
        if "id" in changed:
            changed["id"] = str(int(changed["id"]) + number + 1)
        for _ in range(chance.randint(1, 3)):
            _break(changed, chance)
        data = msgspec.json.encode(changed)
        if chance.random() < 0.2:
            cut = chance.randrange(len(data))
            other = bytes([chance.randrange(256)])
            data = data[:cut] if chance.random() < 0.5 else data[:cut] + other + data[cut + 1 :]
        yield kind, data


ODD: Final[list[Any]] = [
    None, True, -1, 0, 2**63, 1e300, "", "0", "-1", "9" * 25, "18446744073709551616", "\0",
    "tl.", "tl.hand.1.2.x", "ü" * 5000, [], {}, [None], [[[[]]]], {"id": "1"}, "🎫", "NaN",
]  # fmt: skip


def _break(payload: Any, chance: random.Random) -> None:
    """One thing, anywhere inside."""
    at, key = payload, None
    for _ in range(chance.randint(1, 6)):
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            break
        key = chance.choice(keys)
        if not isinstance(at[key], dict | list) or not at[key] or chance.random() < 0.3:
            break
        at = at[key]
        key = None
    if key is None:
        return
    what = chance.random()
    if what < 0.3:
        del at[key]
    elif what < 0.9 or not isinstance(at, dict):
        at[key] = chance.choice(ODD)
    else:
        at[str(chance.random())] = at.pop(key)


async def test_no_broken_interaction_ends_anything(tmp_path: Path) -> None:
    """One client that sends nonsense would silence the bot for everybody."""
    async with Sandbox() as sandbox:
        core = Core(Directory(tmp_path))
        waiting = broken(pieces(sandbox), BROKEN)
        taken = 0
        async with community(sandbox, core) as process:

            async def work() -> None:
                nonlocal taken
                for kind, data in waiting:
                    process.wants(kind, data)
                    await process.take(kind, data, core.deliver)
                    taken += 1

            async with asyncio.timeout(1200 if MANY else 50), asyncio.TaskGroup() as tasks:
                for _ in range(AT_ONCE):
                    tasks.create_task(work())

        mistakes = [reason for _, _, reason in core.quarantined if "mistake" in reason]
        assert mistakes == []
        assert taken == BROKEN
        assert not any(b"interaction-token" in data for _, data, _ in core.quarantined)
