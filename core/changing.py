"""Carrying an agent's change to a message that is on the platform already.

Platforms take a change once however often it is asked for, so a step that was interrupted is simply
done again: first all of them on the platform, then on the stored message, then the change is
acknowledged.
"""

from core.errors import NotFound, UnsupportedFeature
from core.model.capabilities import Capabilities
from core.model.conversation import Leg
from core.model.message import Message
from core.model.outbound import Outbound
from core.ports import Adapter, DeletesMessages, EditsMessages, Reacts
from core.rules.changes import EditPiece, SetReaction, Step, Steps, Withdraw, changed, steps
from core.rules.degrade import Link
from core.store.lanes import Lease
from core.store.store import Store


async def prepare(
    store: Store,
    leg: Leg,
    request: Message,
    capabilities: Capabilities,
    link: Link | None = None,
) -> Steps:
    """What to ask of the platform. Raises Refused, UnsupportedFeature."""
    change = request.change
    target = await store.legs.entries(leg.id, change.position + 1, 1) if change else []
    if not target:
        raise NotFound("the message that it changes is not known")
    return steps(request, target[0], await store.legs.remotes(target[0]), capabilities, link)


async def ask(adapter: Adapter, step: Step, outbound: Outbound) -> None:
    """One step; `outbound` is an edit's new piece. Raises DeliveryError."""
    match step:
        case EditPiece(remotes=remotes) if isinstance(adapter, EditsMessages):
            await adapter.edit(outbound, remotes)
        case Withdraw(remotes=remotes) if isinstance(adapter, DeletesMessages):
            await adapter.delete(outbound.thread, remotes)
        case SetReaction(remote=remote, emoji=emoji) if isinstance(adapter, Reacts):
            await adapter.react(outbound.thread, remote, emoji)
        case _:
            raise UnsupportedFeature("this channel's adapter cannot do that")


async def keep(store: Store, lease: Lease, leg: Leg, request: Message, asked: Steps) -> None:
    """Change the stored message as the platform's was. It may be changing for the customer, too.

    Raises Stale.
    """
    change = request.change
    while change and (before := await store.legs.message(leg.id, change.position)):
        after = changed(before, request)
        if after == before or await store.threads.amend(
            lease, leg.id, change.position, before, after, asked.left
        ):
            return
