"""What the unmodified discord.py makes of the faults of the sandbox's Discord."""

from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from sandbox.faults import Fault, Kind
from sandbox.server import Sandbox
from tests.rigs.discord_client import connector_to


@pytest.fixture
async def support(sandbox: Sandbox) -> AsyncIterator[discord.PartialMessageable]:
    """The channel of a bot that has logged in and needs no gateway for what it does."""
    client = discord.Client(intents=discord.Intents.none(), connector=connector_to(sandbox))
    await client.login(sandbox.discord_token)
    yield client.get_partial_messageable(sandbox.world.discord.channel("support").id)
    await client.close()


def _add(sandbox: Sandbox, kind: Kind, **more: object) -> None:
    sandbox.world.faults.add(Fault("discord", "create_message", kind, **more))  # type: ignore[arg-type]


def _calls(sandbox: Sandbox) -> int:
    return sandbox.world.journal.calls["discord.create_message"]


async def test_a_token_that_is_wrong_ends_the_login(sandbox: Sandbox) -> None:
    """An operator who mistyped it must not wait for a bot that never comes."""
    client = discord.Client(intents=discord.Intents.none(), connector=connector_to(sandbox))

    with pytest.raises(discord.LoginFailure):
        await client.login(sandbox.discord_token + "x")

    await client.close()


@pytest.mark.parametrize("scope", ["user", "global"])
async def test_the_library_waits_out_a_limit_of_discords(
    sandbox: Sandbox, support: discord.PartialMessageable, scope: str
) -> None:
    """A reply in a rush would be lost."""
    _add(sandbox, Kind.RATE_LIMIT, retry_after=0.1, scope=scope)

    sent = await support.send("a")

    assert sent.content == "a"
    assert _calls(sandbox) == 2


async def test_the_library_gives_up_at_once_on_a_limit_of_cloudflares(
    sandbox: Sandbox, support: discord.PartialMessageable
) -> None:
    """An adapter that trusts the library to wait would call the reply failed."""
    _add(sandbox, Kind.RATE_LIMIT, retry_after=0.1, html=True)

    with pytest.raises(discord.HTTPException) as limited:
        await support.send("a")

    assert limited.value.status == 429
    assert _calls(sandbox) == 1


async def test_the_library_repeats_after_a_bad_gateway_but_not_when_unavailable(
    sandbox: Sandbox, support: discord.PartialMessageable
) -> None:
    """Both happen in one outage, and only one of them is dealt with underneath."""
    _add(sandbox, Kind.SERVER_ERROR, status=502, html=True)

    sent = await support.send("a", nonce="n")
    _add(sandbox, Kind.SERVER_ERROR, status=503)
    with pytest.raises(discord.DiscordServerError):
        await support.send("b")

    assert sent.content == "a"
    assert _calls(sandbox) == 3


async def test_what_took_effect_before_the_line_broke_is_found_again_by_its_nonce(
    sandbox: Sandbox, support: discord.PartialMessageable
) -> None:
    """A reply that the customer has already read would come twice."""
    _add(sandbox, Kind.DROP_AFTER)

    with pytest.raises(aiohttp.ClientError):
        await support.send("once", nonce="n")
    again = await support.send("once", nonce="n")

    assert sandbox.discord.texts("mei", "support") == ["once"]
    assert str(again.nonce) == "n"


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.RESET])
async def test_what_did_not_take_effect_can_be_sent_again(
    sandbox: Sandbox, support: discord.PartialMessageable, kind: Kind
) -> None:
    """On Linux the library repeats neither; who waits for it waits for ever."""
    _add(sandbox, kind, seconds=0.01)

    with pytest.raises((aiohttp.ClientError, OSError)):
        await support.send("once")

    assert sandbox.discord.texts("mei", "support") == []
    await support.send("once")
    assert sandbox.discord.texts("mei", "support") == ["once"]


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.GARBLED])
async def test_half_an_answer_leaves_the_message_where_it_is(
    sandbox: Sandbox, support: discord.PartialMessageable, kind: Kind
) -> None:
    """What the library raises then is no refusal: the message is there."""
    _add(sandbox, kind)

    with pytest.raises((aiohttp.ClientError, ValueError)):
        await support.send("once", nonce="n")

    assert sandbox.discord.texts("mei", "support") == ["once"]


async def test_an_answer_that_trickles_or_comes_late_is_an_answer(
    sandbox: Sandbox, support: discord.PartialMessageable
) -> None:
    """A slow line is no broken one."""
    _add(sandbox, Kind.TRICKLE, seconds=0.2)
    first = await support.send("a")
    _add(sandbox, Kind.SLOW_AFTER, seconds=0.1)
    second = await support.send("b")

    assert (first.content, second.content) == ("a", "b")


@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.CUT])
async def test_a_download_can_fail_and_be_tried_again(
    sandbox: Sandbox, support: discord.PartialMessageable, kind: Kind
) -> None:
    """A customer's picture is fetched sooner or later."""
    sent = await support.send(file=discord.File(__file__))
    sandbox.world.faults.add(Fault("discord", "cdn", kind))

    with pytest.raises((discord.HTTPException, aiohttp.ClientError)):
        await sent.attachments[0].read()

    assert b"sooner or later" in await sent.attachments[0].read()
