"""One reply, and what becomes of it."""

import asyncio
from typing import Final

from core.errors import DeliveryError, NotFound
from core.ids import new_ulid
from core.model.content import Text
from core.model.conversation import Conversation, Entry
from core.model.ids import IdentityId, MessageId
from core.model.message import Audience, DeliveryState, Sender, SenderKind
from core.reply import Agents, Draft
from core.store.store import Store
from core.view import Views
from gateway.commands.output import Asked, data
from gateway.settings import Settings
from gateway.storage import now
from gateway.work.common import run_loop, settings_of, store_of

FINAL: Final = (
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.READ,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)


def send(
    asked: Asked,
    *,
    to: str,
    text: str,
    name: str,
    audience: str,
    silent: bool,
    wait: float,
) -> None:
    draft = Draft(
        id=MessageId(new_ulid()),
        parts=(Text(text=text),),
        audience=Audience(audience),
        silent=silent,
    )
    run_loop(_send(settings_of(asked), to, draft, name, wait))


async def _send(settings: Settings, to: str, draft: Draft, name: str, wait: float) -> None:
    async with store_of(settings) as store:
        views = Views(store)
        conversation = await _conversation(store, views, to)
        sender = Sender(kind=SenderKind.AGENT, id=f"cli:{name}", name=name)
        agents = Agents(store, views, now, None)  # a running gateway sends it
        entry = await agents.reply(conversation, sender, draft)
        data(f"{conversation.number} on {_line(conversation, entry)}")
        await _follow(views, entry, wait)


async def _conversation(store: Store, views: Views, to: str) -> Conversation:
    """The conversation that TO names. Raises NotFound."""
    if to.count(":") < 2:
        return await views.conversation(to)
    legs = await store.people.legs_of(IdentityId(to))
    heads = [head for head in await store.legs.heads(legs) if head]
    if not heads:
        raise NotFound(f"{to} has not written yet: there is no conversation to answer in")
    return await views.conversation(heads[-1].id)


def _line(conversation: Conversation, entry: Entry) -> str:
    thread = next(leg.thread for leg in conversation.legs if leg.id == entry.leg)
    return f"{thread.channel}:{thread.account}"


async def _follow(views: Views, entry: Entry, wait: float) -> None:
    """Print each state as it comes. Raises DeliveryError for a bad end."""
    shown = None
    try:
        async with asyncio.timeout(wait):
            while True:
                delivery = (await views.entry(entry.leg, entry.position)).delivery
                if delivery and delivery.state != shown:
                    shown = delivery.state
                    data(f"{shown} {delivery.reason}".rstrip())
                if delivery and delivery.state in FINAL:
                    break
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise DeliveryError(
            f"still {shown} after {wait:g} s: it is sent as soon as a gateway runs"
            " (`trunkline up`) and its inbox is reachable"
        ) from error
    if shown in (DeliveryState.FAILED, DeliveryState.UNKNOWN):
        raise DeliveryError(f"the message is {shown}")
