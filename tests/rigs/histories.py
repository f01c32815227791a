"""Histories of people and agents, to be played twice: as they were, and without what was undone.

A history is a list of wishes ("whatever the second thread's conversation is, close it"). Playing
it turns each wish that can be carried out into a deed on named legs ("close the legs x1 and y1"),
and the deeds can be played again on an empty store, with some of them left out.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import Conflict
from core.model.content import Text
from core.model.conversation import Conversation, Status
from core.model.ids import IdentityId, LegId, MessageId, identity_id
from core.model.message import Direction
from core.rules.lifecycle import VIEW
from core.store.store import Store
from core.store.tasks import UnsplitTask
from tests.rigs.assembly import AGENT, Assembly, rising_ids, text_in
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

PEOPLE: Final = (
    ("telegram", "bot", "ada"),
    ("telegram", "bot", "ben"),
    ("email", "mail", "cyd"),
    ("email", "mail", "dot"),
)
THREADS: Final = tuple(
    (person, thread(f"{PEOPLE[person][2]}-{n}", PEOPLE[person][0], PEOPLE[person][1]))
    for person, n in ((0, 1), (0, 2), (1, 1), (2, 1), (2, 2), (3, 1))
)
"""(whose, which): two of the people have a second private thread."""

Place = tuple[int, int]
"""A leg by name: the n-th one of a thread."""


class Wish(NamedTuple):
    verb: str
    which: int = 0
    other: int = 0
    status: Status = Status.OPEN


class Deed(NamedTuple):
    """`places` are the legs it is done to, `people` those who are linked or no longer."""

    verb: str
    thread: int = 0
    places: tuple[Place, ...] = ()
    people: tuple[int, int] = (0, 0)
    text: str = ""
    status: Status = Status.OPEN


_which = st.integers(0, len(THREADS) - 1)
_person = st.integers(0, len(PEOPLE) - 1)
_statuses = st.sampled_from([one for one in Status if one is not Status.NEW])

wishes = st.one_of(
    st.builds(Wish, st.just("write"), _which),
    st.builds(Wish, st.sampled_from(["reply", "note", "seal", "write"]), _which),
    st.builds(Wish, st.just("status"), _which, status=_statuses | st.just(Status.CLOSED)),
    st.builds(Wish, st.sampled_from(["link", "unlink"]), _person, _person),
    st.builds(Wish, st.sampled_from(["merge", "unmerge"]), _which, _which),
)
splitting = st.one_of(
    st.builds(Wish, st.sampled_from(["write", "write", "split", "unsplit"]), _which),
    st.builds(Wish, st.sampled_from(["reply", "note", "seal", "split"]), _which),
    st.builds(Wish, st.just("status"), _which, status=_statuses),
    st.builds(Wish, st.just("link"), _person, _person),
    st.builds(Wish, st.just("merge"), _which, _which),
)
EVERYBODY_WRITES: Final = [Wish("write", which) for which in range(len(THREADS))]
histories = st.lists(wishes, min_size=3, max_size=24).map(lambda some: EVERYBODY_WRITES[::2] + some)

histories_of_splits = st.lists(splitting, min_size=3, max_size=24).map(
    lambda some: [*EVERYBODY_WRITES, Wish("link", 0, 1), *some]
)


def without_undone(deeds: Sequence[Deed]) -> list[Deed]:
    """The deeds less every link, merge and split that was undone later, and its undoing."""
    kept: list[Deed] = []
    undone: set[tuple[str, tuple[Place, ...]]] = set()
    for deed in reversed(deeds):
        match deed.verb:
            case "unlink" | "unmerge" | "unsplit":
                undone.add((deed.verb.removeprefix("un"), _ends_of(deed)))
            case "link" | "merge" if (deed.verb, _ends_of(deed)) in undone:
                continue
            case "split" if (deed.verb, _ends_of(deed)) in undone:
                undone.discard((deed.verb, _ends_of(deed)))  # it may have been split again
            case _:
                kept.append(deed)
    return kept[::-1]


def _ends_of(deed: Deed) -> tuple[Place, ...]:
    """What is joined: legs, or people as if they were legs."""
    return deed.places or tuple((person, -1) for person in deed.people)


class Player:
    """Plays one history on an empty store."""

    def __init__(self, line: Assembly) -> None:
        self.line, self.deeds = line, list[Deed]()
        self._count = 0
        self._legs: dict[int, list[LegId]] = {which: [] for which in range(len(THREADS))}
        self._joined: set[tuple[str, tuple[Place, ...]]] = set()

    async def wish(self, wish: Wish) -> None:
        """Carry out a wish if it can be now, and remember the deed."""
        deed = await self._deed(wish)
        if deed:
            self.deeds.append(deed)
            await self.do(deed)

    async def _deed(self, wish: Wish) -> Deed | None:
        which, text = wish.which, f"{wish.verb} {self._next()}"
        if wish.verb == "write":
            return Deed("write", which, text=text)
        if wish.verb in ("link", "unlink"):
            return self._between(wish.verb, people=(min(wish[1:3]), max(wish[1:3])))
        if not self._legs[which]:
            return None
        place = (which, len(self._legs[which]) - 1)
        if wish.verb in ("merge", "unmerge"):
            return self._between(wish.verb, places=self._ends(wish))
        if wish.verb in ("split", "unsplit"):
            together = await self._places_with(place)
            return self._between(wish.verb, places=(place,)) if self._can(wish, together) else None
        if wish.verb in ("note", "status"):
            legs = await self._places_with(place)
            return Deed(
                wish.verb, places=legs if wish.verb == "status" else legs[:1], text=text,
                status=wish.status,
            )  # fmt: skip
        return Deed(wish.verb, places=(place,), text=text)

    def _can(self, wish: Wish, together: tuple[Place, ...]) -> bool:
        """A leg is split off from others, and once until that is undone."""
        key = ("split", ((wish.which, len(self._legs[wish.which]) - 1),))
        return wish.verb == "unsplit" or (len(together) > 1 and key not in self._joined)

    def _ends(self, wish: Wish) -> tuple[Place, ...]:
        """The legs to be joined, or the n-th pair that has been."""
        if wish.verb == "unmerge":
            pairs = sorted(ends for verb, ends in self._joined if verb == "merge")
            return pairs[wish.other % len(pairs)] if pairs else ()
        ends = {(n, len(self._legs[n]) - 1) for n in (wish.which, wish.other) if self._legs[n]}
        return tuple(sorted(ends))

    def _between(
        self, verb: str, people: tuple[int, int] = (0, 0), places: tuple[Place, ...] = ()
    ) -> Deed | None:
        """A join of two ends, both known, or the undoing of one that there is."""
        deed = Deed(verb, people=people, places=places)
        key = (verb.removeprefix("un"), _ends_of(deed))
        if verb.startswith("un"):
            if key not in self._joined:
                return None
            self._joined.discard(key)
            return deed
        known = {person for n, (person, _) in enumerate(THREADS) if self._legs[n]}
        if verb == "split":
            self._joined.add(key)
            return deed
        if len(places) < 2 and (people[0] == people[1] or not set(people) <= known):
            return None
        self._joined.add(key)
        return deed

    def _next(self) -> int:
        self._count += 1
        return self._count

    # --- deeds

    async def do(self, deed: Deed) -> None:
        """Carry out a deed, and everything that follows from it."""
        line, legs = self.line, [self._leg(place) for place in deed.places]
        match deed.verb:
            case "write":
                person, where = THREADS[deed.thread]
                await line.dispatcher.accept(says(where, PEOPLE[person][2], deed.text))
            case "reply":
                with suppress(Conflict):  # closed, in both plays
                    await line.reply(await line.views.conversation(legs[0]), deed.text, leg=legs[0])
            case "note":
                conversation = _of(await line.views.conversation(legs[0]), legs)
                parts = (Text(text=deed.text),)
                await line.agents.note(conversation, AGENT, MessageId(line.new_id()), parts)
            case "status":
                await self._set_status(legs, deed.status)
            case "seal":
                await line.agents.seal(await line.views.conversation(legs[0]), legs[0])
            case _:
                await self._join(deed, legs)
        await line.settle()
        await self._look_up(deed.thread)

    async def _set_status(self, legs: list[LegId], status: Status) -> None:
        """Of these legs, which are one conversation or, where nothing joins them, several."""
        line = self.line
        for first in {(await line.views.conversation(leg)).id: leg for leg in legs}.values():
            conversation = _of(await line.views.conversation(first), legs)
            with suppress(Conflict):  # none of these legs can, in both plays
                activity = MessageId(line.new_id())
                await line.triage.set_status(conversation, AGENT, status, activity)

    async def _join(self, deed: Deed, legs: list[LegId]) -> None:
        joins, task, by = self.line.joins, self.line.new_id(), "agent:robin"
        people = [_identity(person) for person in deed.people]
        if deed.verb == "link":
            await joins.link(task, people[0], people[1], by, "said so")
        elif deed.verb == "unlink":
            await joins.unlink(task, people[0], people[1], by, "was wrong")
        elif deed.verb == "merge":
            await joins.merge(task, legs[0], legs[1], by)
        elif deed.verb == "split":
            await joins.split(task, await self.line.views.conversation(legs[0]), legs, by)
        elif deed.verb == "unsplit":
            splits = (await self.line.store.legs.head(legs[0])).split_off
            undone = UnsplitTask(splits=splits, legs=tuple(legs))
            await self.line.store.tasks.enqueue(task, undone, {})
        else:
            await joins.unmerge(task, legs[0], legs[1], by)

    def _leg(self, place: Place) -> LegId:
        return self._legs[place[0]][place[1]]

    async def _look_up(self, which: int) -> None:
        """Note the leg that a thread goes to now, if it is a new one."""
        bound = await self.line.store.threads.bound(THREADS[which][1], "")
        if bound and bound.leg not in self._legs[which]:
            self._legs[which].append(bound.leg)

    async def _places_with(self, place: Place) -> tuple[Place, ...]:
        """The legs of a leg's conversation, by name, the first one first."""
        conversation = await self.line.views.conversation(self._leg(place))
        return tuple(self._names()[leg.id] for leg in conversation.legs)

    def _names(self) -> dict[LegId, Place]:
        return {leg: (which, n) for which, legs in self._legs.items() for n, leg in enumerate(legs)}

    # --- what came of it

    async def outcome(self) -> dict[str, object]:
        """Everything that anybody can see, by names that are the same in every play."""
        return {
            "legs": {name: await self._seen(leg) for leg, name in self._names().items()},
            "contacts": [await self._contact(person) for person in range(len(PEOPLE))],
            "inbox": {view: await self._listed(view) for view in sorted(set(VIEW.values()) - {""})},
            "sent": {
                str(where): self._adapter(where.account).texts(where.thread)
                for _, where in THREADS
            },
        }  # fmt: skip

    async def _seen(self, leg: LegId) -> dict[str, object]:
        head, names = await self.line.store.legs.head(leg), self._names()
        conversation = await self.line.views.conversation(leg)
        return {
            "status": head.status,
            "sealed": head.sealed,
            "next": names.get(head.next) if head.next else None,
            "log": [_shown(entry.message.direction, text_in(entry), entry.delivery and
                           entry.delivery.state) for entry in await self.line.log(leg)],
            "conversation": [names[one.id] for one in conversation.legs],
        }  # fmt: skip

    async def _contact(self, person: int) -> object:
        identity = (await self.line.store.people.identities([_identity(person)]))[0]
        if identity is None:
            return None
        contact = await self.line.views.contact(identity.id)
        return identity.contact, identity.linked, contact.id, [one.id for one in contact.identities]

    async def _listed(self, view: str) -> set[Place]:
        listed = await self.line.store.legs.listed(view, None, 100)
        return {self._names()[place.leg] for place in listed}

    def _adapter(self, account: str) -> MemoryAdapter:
        adapter = self.line.adapters[account]
        assert isinstance(adapter, MemoryAdapter)
        return adapter


def player_on(store: Store) -> Player:
    """A player with both inboxes, on an empty store."""
    adapters = {"bot": MemoryAdapter(), "mail": MemoryAdapter()}
    return Player(Assembly(store, adapters, new_id=rising_ids()))


def _of(conversation: Conversation, legs: Sequence[LegId]) -> Conversation:
    """What there is of these legs in a conversation: that there are more differs between plays."""
    return replace(conversation, legs=tuple(leg for leg in conversation.legs if leg.id in legs))


def _shown(direction: Direction, text: str, state: object) -> tuple[str, str, str]:
    return direction, text, str(state or "")


def _identity(person: int) -> IdentityId:
    return identity_id(*PEOPLE[person])
