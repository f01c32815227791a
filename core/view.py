"""Conversations and contacts as people see them: views over legs and identities."""

from collections.abc import Sequence
from heapq import merge
from typing import Final

import msgspec
from msgspec.structs import replace

from core.errors import InvalidRequest, NotFound
from core.model.conversation import Conversation, Entry, Leg
from core.model.ids import ConversationId, IdentityId, LegId, MessageId
from core.model.message import Automatic, Direction, SenderKind
from core.model.people import Contact
from core.rules import numbers, triage
from core.rules.graph import components
from core.rules.incoming import is_aside_message
from core.rules.lifecycle import joint, view_of
from core.rules.listing import EVERYTHING, Filter
from core.store.keys import VIEWS
from core.store.legs import Listed
from core.store.store import Store

PAGE_MAX: Final = 100
LOOKED_THROUGH_MAX: Final = 500
"""Legs of a view that are looked at for one page."""

SEARCHED_MAX: Final = 500
"""Messages of each leg that are looked through for an id."""


LINES_LOOKED_BEHIND_MAX: Final = 5
"""In search of what was said last in a conversation."""

LEGS_ASKED_MAX: Final = 8
"""For a message that is answered and does not stand on the answer's own leg."""

LOOKS_MAX: Final = 10
"""At a conversation whose legs are being moved."""


Answered = tuple[LegId, str]
"""A leg, and what the platform calls the message that somebody answers there."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in a list, with what was said last in it."""

    conversation: Conversation
    latest: Entry | None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Messages, oldest first; `before` is the cursor of the page before, "" at the beginning."""

    entries: tuple[Entry, ...]
    before: str = ""


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Row, ...]
    next: str = ""


class Views:
    def __init__(self, store: Store) -> None:
        self._store = store

    # --- conversations

    async def conversation(self, reference: str) -> Conversation:
        """By the id of the conversation or of any of its legs, or by number. Raises NotFound."""
        return await self._whole(await self.leg(reference))

    async def leg(self, reference: str) -> Leg:
        """By its id or number. Raises NotFound."""
        legs = self._store.legs
        if not reference.upper().startswith("T-"):
            return await legs.head(LegId(reference))
        try:
            return await legs.head(await legs.by_number(numbers.parse(reference)))
        except InvalidRequest as error:
            raise NotFound(str(error)) from error

    async def _whole(self, leg: Leg) -> Conversation:
        """The conversation that this leg belongs to. If legs move meanwhile, it looks again."""
        for _ in range(LOOKS_MAX):
            members = await self._together(leg)
            if any(one.id == leg.id for one in members):
                return conversation_of(members)
            leg = await self._store.legs.head(leg.id)
        return conversation_of((leg,))

    async def _together(self, leg: Leg) -> tuple[Leg, ...]:
        """The legs of a leg's conversation, each as it is at the moment when it is read."""
        if leg.is_first and len(leg.members) <= 1:
            return (leg,)
        root: Leg | None = leg
        if not leg.is_first:
            (root,) = await self._store.legs.heads([LegId(leg.conversation)])
        if root is None:  # it was not kept for longer
            return (leg,)
        heads = await self._store.legs.heads(root.members or (root.id,))
        return tuple(one for one in heads if one and one.conversation == root.conversation)

    async def messages(self, conversation: Conversation, before: str, limit: int) -> Page:
        """The latest messages before a cursor ("" = the end), all legs in the order of arrival.

        Those that answer a message of their leg name it, whoever wrote it.
        """
        limit = min(limit, PAGE_MAX)
        given = _read_cursor(before) if before else {}
        ends = {leg.id: leg.length + 1 for leg in conversation.legs}
        left = {leg: min(end, given.get(leg, end)) for leg, end in ends.items()}
        tails = [await self._store.legs.entries(leg, end, limit) for leg, end in left.items()]
        entries = in_order(tails)[-limit:]
        for entry in reversed(entries):
            left[entry.leg] = entry.position
        more = any(position > 1 for position in left.values())
        entries = await self._naming_answered(entries, conversation.legs)
        return Page(entries=tuple(entries), before=_write_cursor(left) if more else "")

    async def _naming_answered(self, entries: list[Entry], legs: Sequence[Leg]) -> list[Entry]:
        """Customers answer what the platform calls by an id of its own. Which message that is stays
        out of the log: one of ours may not be known to have arrived yet when it is answered. In an
        exchange of several people it may stand on somebody else's leg.
        """
        asked = [
            (n, quote)
            for n, entry in enumerate(entries)
            if (quote := entry.message.answers) and quote.remote and not quote.message
        ]
        if not asked:
            return entries
        ids = await self._store.legs.named([(entries[n].leg, quote.remote) for n, quote in asked])
        missing = [
            (entries[n].leg, quote.remote)
            for (n, quote), known in zip(asked, ids, strict=True)
            if not known
        ]
        elsewhere = await self._named_elsewhere(missing, legs)
        named = list(entries)
        for (n, quote), known in zip(asked, ids, strict=True):
            message = known or elsewhere.get((entries[n].leg, quote.remote))
            answers = replace(quote, message=message)
            named[n] = replace(entries[n], message=replace(entries[n].message, answers=answers))
        return named

    async def _named_elsewhere(
        self, missing: Sequence[Answered], legs: Sequence[Leg]
    ) -> dict[Answered, MessageId]:
        """Those that stand on another leg of the same exchange: what a platform calls a message may
        be another one's name in another thread.
        """
        asked = [
            ((leg, remote), (other, remote))
            for leg, remote in dict.fromkeys(missing)
            for other in of_exchange(leg, legs)[:LEGS_ASKED_MAX]
        ]
        ids = await self._store.legs.named([place for _, place in asked])
        return {one: known for (one, _), known in zip(asked, ids, strict=True) if known}

    async def entry(self, leg: LegId, position: int) -> Entry:
        found = await self._store.legs.entries(leg, position + 1, 1)
        if not found:
            raise NotFound(f"leg {leg} has no message {position}")
        return found[0]

    async def find(self, conversation: Conversation, message: MessageId) -> Entry:
        """A message of the conversation by its id, among the latest. Raises NotFound."""
        for leg in conversation.legs:
            position = await self._store.legs.position_of(leg.id, message)
            if position:
                return await self.entry(leg.id, position)
            for entry in await self._store.legs.entries(leg.id, leg.length + 1, SEARCHED_MAX):
                if entry.message.id == message:
                    return entry
        raise NotFound(f"conversation {conversation.number} has no message {message}")

    async def written(self, conversation: Conversation, message: MessageId) -> Entry | None:
        """What agents wrote under this id, on whichever leg that was; None if nothing is known."""
        for leg in conversation.legs:
            position = await self._store.legs.position_of(leg.id, message)
            if position:
                return await self.entry(leg.id, position)
        return None

    async def last_heard(self, conversation: Conversation) -> Leg:
        """The leg on which the person with whom the conversation began wrote last; sealed legs only
        if there is no other. Never one of somebody else's: they may not be meant.
        """
        theirs = of_first_person(conversation.legs)
        alive = [leg for leg in theirs if not leg.sealed] or theirs
        if len(alive) == 1:
            return alive[0]
        heard = []
        for leg in alive:
            tail = await self._store.legs.entries(leg.id, leg.length + 1, PAGE_MAX)
            said = [one.message for one in reversed(tail) if one.message.direction is Direction.IN]
            if said:
                latest = next((one for one in said if not is_aside_message(one)), said[0])
                moment = latest.received_at or latest.at
                heard.append((not is_aside_message(latest), moment, leg))
        return max(heard, key=lambda one: one[:2])[2] if heard else alive[0]

    async def inbox(self, view: str, after: str, limit: int, wanted: Filter = EVERYTHING) -> Inbox:
        """Conversations of a view, touched last first; `after` is the cursor of the page before.

        Of those that are not wanted `LOOKED_THROUGH_MAX` are looked at in search of others: a page
        may have fewer rows than `limit`, even none, and there are more all the same.
        """
        if view not in VIEWS:
            raise InvalidRequest(f"there is no view {view!r}: use {' or '.join(VIEWS)}")
        limit = min(limit, PAGE_MAX)
        rows: dict[ConversationId, Row] = {}
        last, looked_at = _read_listed(after), 0
        while looked_at < LOOKED_THROUGH_MAX:
            count = limit if wanted == EVERYTHING else PAGE_MAX
            listed = await self._store.legs.listed(view, last, count)
            heads = await self._store.legs.heads([one.leg for one in listed])
            for one, head in zip(listed, heads, strict=True):
                last, looked_at = one, looked_at + 1
                if head and (row := await self._row(head, view, wanted)):
                    rows[row.conversation.id] = row
                    if len(rows) == limit:
                        break
            if len(listed) < count and (not listed or last == listed[-1]):
                return Inbox(rows=tuple(rows.values()))
            if len(rows) == limit or wanted == EVERYTHING:
                break
        return Inbox(rows=tuple(rows.values()), next=_write_listed(last) if last else "")

    async def rows(self, conversations: Sequence[str], wanted: Filter) -> tuple[Row, ...]:
        """These, by the id of each, as they are now; those that are wanted and still there."""
        found = []
        for one in conversations:
            try:
                whole = await self.conversation(one)
            except NotFound:
                continue
            if wanted.passes(whole):
                found.append(Row(conversation=whole, latest=await self._latest(whole)))
        return tuple(found)

    async def _row(self, head: Leg, view: str, wanted: Filter) -> Row | None:
        """A conversation, where it stands in the list, if it is wanted there."""
        whole = await self._whole(head)
        if view_of(whole) != view or not _stands_for(head, whole, view) or not wanted.passes(whole):
            return None
        return Row(conversation=whole, latest=await self._latest(whole))

    async def _latest(self, conversation: Conversation) -> Entry | None:
        """What was said last. What we say of it by ourselves hides it only if many lines came at
        once.
        """
        found: Entry | None = None
        for count in (1, LINES_LOOKED_BEHIND_MAX):
            page = await self.messages(conversation, "", count)
            for entry in reversed(page.entries):
                found = found or entry
                if not _is_our_line(entry):
                    return entry
        return found

    # --- contacts

    async def contact(self, identity: IdentityId) -> Contact:
        """The person behind an identity. Raises NotFound."""
        found = await self._store.people.linked_with(identity)
        if identity not in found:
            raise NotFound(f"nobody is known as {identity}")
        identities = tuple(found[one] for one in sorted(found))
        blocks = await self._store.blocks.of([one.id for one in identities])
        marked = tuple(
            replace(one, blocked=mark) for one, mark in zip(identities, blocks, strict=True)
        )
        return Contact(id=marked[0].contact, identities=marked)

    async def conversations_of(self, contact: Contact, limit: int) -> list[Conversation]:
        """Their latest, touched last first, whoever else reads them."""
        legs = await self._store.people.every_leg_of([one.id for one in contact.identities])
        heads = [one for one in await self._store.legs.heads(legs) if one]
        newest = sorted(heads, key=lambda head: head.touched_at, reverse=True)
        found: dict[ConversationId, Conversation] = {}
        for head in newest:
            if len(found) == limit:
                break
            if head.conversation not in found:
                whole = await self._whole(head)
                found[whole.id] = whole
        return list(found.values())


def leg_of(conversation: Conversation, leg: LegId) -> Leg:
    """Raises NotFound."""
    for one in conversation.legs:
        if one.id == leg:
            return one
    raise NotFound(f"conversation {conversation.number} has no leg {leg}")


def of_exchange(leg: LegId, legs: Sequence[Leg]) -> list[LegId]:
    """Those of the exchange in which this one of them stands; none if it stands alone."""
    own = next(one for one in legs if one.id == leg)
    return [
        one.id
        for one in legs
        if one.exchange and (one.thread.account, one.exchange) == (own.thread.account, own.exchange)
    ]


def of_first_person(legs: Sequence[Leg]) -> list[Leg]:
    """Those of the contact with whom a conversation began: merges bring others into it."""
    near = {
        leg.id: (*leg.joined, *(one.id for one in legs if one.author == leg.author)) for leg in legs
    }
    whose = next(group for group in components(near, near) if legs[0].id in group)
    return [leg for leg in legs if leg.id in whose]


def in_order(tails: Sequence[Sequence[Entry]]) -> list[Entry]:
    """Entries of several legs in one order: by the moment of arrival, each leg's own order kept."""

    rising = []
    for tail in tails:
        latest, keyed = 0.0, []
        for entry in tail:
            latest = max(latest, arrival(entry))
            keyed.append((latest, entry.leg, entry.position, entry))
        rising.append(keyed)
    return [one[3] for one in merge(*rising, key=lambda one: one[:3])]


def arrival(entry: Entry) -> float:
    """When it came here, in seconds since 1970."""
    return (entry.message.received_at or entry.message.at).timestamp()


def _is_our_line(entry: Entry) -> bool:
    message = entry.message
    if message.direction is Direction.OUT:
        return message.automatic is not Automatic.NO
    return message.direction is Direction.ACTIVITY and message.sender.kind is not SenderKind.CONTACT


def _stands_for(leg: Leg, conversation: Conversation, view: str) -> bool:
    """A conversation of several legs stands in a list once: where the latest leg does of those that
    are listed.
    """
    listed = (one for one in conversation.legs if view_of(one) == view and not one.archived)
    return max(listed, key=lambda one: (one.touched_at, one.id), default=leg).id == leg.id


def conversation_of(legs: Sequence[Leg]) -> Conversation:
    """What these legs, all of one conversation, are together."""
    legs = tuple(sorted(legs, key=lambda leg: leg.id))
    heard = [leg for leg in legs if not leg.spam] or legs
    return Conversation(
        id=ConversationId(legs[0].id),
        number=legs[0].number,
        status=joint(tuple((leg.status, leg.status_at) for leg in heard)),
        legs=legs,
        touched_at=max(leg.touched_at for leg in legs),
        priority=triage.highest(legs),
        tags=triage.all_tags(legs),
        assignee=triage.assignee(legs),
        snoozed_until=triage.wakes_at(heard),
        spam=triage.is_spam(legs),
    )


def _write_cursor(ends: dict[LegId, int]) -> str:
    return ",".join(f"{leg}:{position}" for leg, position in sorted(ends.items()))


def _read_cursor(text: str) -> dict[LegId, int]:
    try:
        pairs = (one.rpartition(":") for one in text.split(","))
        return {LegId(leg): int(position) for leg, _, position in pairs}
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is not a cursor: take `before` of the last page") from error


def _write_listed(last: Listed) -> str:
    return f"{last.touched_ms:.0f}:{last.leg}"


def _read_listed(text: str) -> Listed | None:
    if not text:
        return None
    try:
        touched, _, leg = text.partition(":")
        return Listed(-float(int(touched)), LegId(leg))
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is not a cursor: take `next` of the last page") from error
