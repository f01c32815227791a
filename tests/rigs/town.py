"""A town on a platform in memory: people ask in public, in groups and in private, agents answer by
every way there is. Each word that is said carries whom it is meant for, so that anybody can judge
afterwards what was said where.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from msgspec.structs import replace

from core.errors import DeliveryError, Refused
from core.model.acknowledgement import Acknowledgement
from core.model.content import Button, Buttons, Part, Text
from core.model.conversation import Conversation, Leg, Status
from core.model.event import AccountStatus, ActionInvoked, Actor, ActorKind, Settled
from core.model.ids import MessageId, ThreadRef, identity_id
from core.model.message import Audience, SenderKind
from core.model.outbound import Outbound
from core.reply import Draft
from core.store.store import Store
from tests.rigs.assembly import AGENT, Assembly
from tests.rigs.events import actor, event, says, thread
from tests.rigs.platform import CommunityAdapter, text_of

PEOPLE: Final = ("ada", "ben", "cyd")
AUDIENCES: Final = {"square": Audience.PUBLIC, "forum": Audience.PUBLIC, "back": Audience.GROUP}
"""Places where others read along, by the first word of their name; all others are private."""

MANAGER: Final = Actor(kind=ActorKind.STAFF, remote="mona", name="Mona")
ACKNOWLEDGED: Final = "private: we have it, {number}"


class Town:
    """One story, told with `chance`. Places and people of different stories have nothing in
    common.
    """

    def __init__(self, store: Store, name: str, chance: Random) -> None:
        self.platform = CommunityAdapter()
        self.platform.before_send = self._before_send
        acknowledge = Acknowledgement(text=ACKNOWLEDGED, per_minute_max=1_000_000)
        adapters = {"bot": self.platform}
        self.line = Assembly(store, adapters, acknowledge={"bot": acknowledge})
        self.told = Counter[str]()
        """How often each deed was done, and how often one was refused."""
        self._name, self._chance, self._count = name, chance, 0
        self._conversations: list[Conversation] = []
        self._asked: list[tuple[ThreadRef, str, str]] = []
        self._codes: list[str] = []
        self._deeds: tuple[Callable[[], Awaitable[None]], ...] = (
            *3 * (self.somebody_asks_where_others_read,),
            self.somebody_writes_in_private,
            self.somebody_goes_on_in_private,
            self.a_manager_hands_over,
            self.the_community_answers,
            *5 * (self.an_agent_replies,),
            *2 * (self.an_agent_goes_on_in_private,),
            self.an_agent_rewords,
            self.an_agent_notes,
            self.an_agent_sets_the_status,
            self.an_agent_merges,
            self.an_agent_links,
            self.somebody_asks_for_a_code,
            self.somebody_gives_a_code,
            self.somebody_answers_a_question,
            self.the_platform_stumbles,
        )

    async def live(self, deeds: int) -> None:
        """Let so many things happen."""
        for _ in range(deeds):
            deed = self._chance.choice(self._deeds)
            try:
                await deed()
                self.told[deed.__name__] += 1
            except (Refused, DeliveryError) as refusal:
                self.told[f"refused: {type(refusal).__name__}"] += 1
            await self.line.settle()

    # --- people

    async def somebody_asks_where_others_read(self) -> None:
        place = self._chance.choice(tuple(AUDIENCES))
        await self._says(self._place(place), self._person(), AUDIENCES[place], "shared")

    async def somebody_writes_in_private(self) -> None:
        who = self._person()
        await self._says(self._dm(who), who, Audience.PRIVATE, "private")

    async def somebody_goes_on_in_private(self) -> None:
        """By the platform's own button, under what they asked."""
        who, number = self._person(), self._some().number
        pressed = event(self._dm(who), who, ActionInvoked(value="private", label="private: go on"))
        await self.line.dispatcher.accept(replace(pressed, claims=number))

    async def a_manager_hands_over(self) -> None:
        """What stands in public already is delivered in its author's public leg, once more."""
        where, who, remote = self._chance.choice(self._asked)
        said = says(where, who, "shared again", remote=remote, dedup=f"m{remote}")
        audience = AUDIENCES[where.thread.partition(" ")[0]]
        handed = event(
            where, "mona", AccountStatus(code="handed_over", text="private: look"), "", audience
        )
        await self.line.dispatcher.accept(replace(said, audience=audience))
        await self.line.dispatcher.accept(replace(handed, actor=MANAGER, customer=actor(who)))

    async def the_community_answers(self) -> None:
        where, who, remote = self._chance.choice(self._asked)
        answered = Settled(question=remote, answer="ben's", text="private: Ben's answer")
        settled = event(where, "mona", answered)
        audience = AUDIENCES[where.thread.partition(" ")[0]]
        told = replace(settled, actor=MANAGER, customer=actor(who), audience=audience)
        await self.line.dispatcher.accept(told)

    async def somebody_asks_for_a_code(self) -> None:
        desk = self.line.desk_of("telegram", "bot")
        self._codes.append(await desk.link_code(actor(self._person())))

    async def somebody_gives_a_code(self) -> None:
        """In private, as they should, or where everybody reads it."""
        who, code = self._person(), self._chance.choice(self._codes or ["L-0000-0000-0000"])
        place = self._chance.choice(tuple(AUDIENCES))
        if self._chance.random() < 0.3:
            said = says(self._place(place), who, code, audience=AUDIENCES[place])
        else:
            said = says(self._dm(who), who, code)
        await self.line.dispatcher.accept(said)

    async def somebody_answers_a_question(self) -> None:
        who = self._person()
        await self.line.dispatcher.accept(says(self._dm(who), who, self._chance.choice("12")))

    # --- agents

    async def an_agent_replies(self) -> None:
        """By every combination that the API takes: any leg, any message, any audience."""
        conversation = await self._conversation()
        audience = self._chance.choice(tuple(Audience))
        leg = self._chance.choice((None, self._chance.choice(conversation.legs).id))
        answers = self._chance.choice((None, await self._message(conversation)))
        parts: tuple[Part, ...] = (Text(text=self._word(audience)),)
        if self._chance.random() < 0.2:
            rows = ((Button(f"{audience}: yes", value="y"), Button(f"{audience}: no", value="n")),)
            parts = (*parts, Buttons(rows=rows))
        draft = Draft(
            id=MessageId(self.line.new_id()),
            parts=parts,
            leg=leg,
            answers=answers,
            audience=audience,
        )
        await self.line.agents.reply(conversation, AGENT, draft)

    async def an_agent_goes_on_in_private(self) -> None:
        conversation = await self._conversation()
        leg = self._chance.choice((None, self._chance.choice(conversation.legs).id))
        found = await self.line.continuing.in_private(conversation, AGENT, leg)
        await self.line.settle()
        word, leg = self._word(Audience.PRIVATE), self._chance.choice((found.leg.id, None))
        await self.line.reply(found.conversation, word, leg=leg)

    async def an_agent_rewords(self) -> None:
        """A message of ours, to words meant for those who have it already."""
        conversation = await self._conversation()
        message = await self._message(conversation)
        if message is None:
            return
        entry = await self.line.views.find(conversation, message)
        text = Text(text=self._word(entry.message.audience))
        change = MessageId(self.line.new_id())
        await self.line.agents.edit(conversation, AGENT, change, message, text)

    async def an_agent_notes(self) -> None:
        note = (Text(text=self._word(Audience.PRIVATE)),)
        note_id = MessageId(self.line.new_id())
        await self.line.agents.note(await self._conversation(), AGENT, note_id, note)

    async def an_agent_sets_the_status(self) -> None:
        conversation, activity = await self._conversation(), MessageId(self.line.new_id())
        status = self._chance.choice((Status.OPEN, Status.RESOLVED, Status.CLOSED))
        if self._chance.random() < 0.3:
            return await self.line.agents.seal(conversation, conversation.legs[-1].id)
        return await self.line.triage.set_status(conversation, AGENT, status, activity)

    async def an_agent_merges(self) -> None:
        """What others read and what is private, too: that is the agent's word."""
        one, other = await self._conversation(), await self._conversation()
        act = self._chance.choice((self.line.joins.merge, self.line.joins.unmerge))
        await act(self.line.new_id(), one.legs[0].id, other.legs[0].id, "agent:robin")

    async def an_agent_links(self) -> None:
        one, other = (identity_id("telegram", "bot", self._person()) for _ in range(2))
        act = self._chance.choice((self.line.joins.link, self.line.joins.unlink))
        await act(self.line.new_id(), one, other, "agent:robin", "they say")

    async def the_platform_stumbles(self) -> None:
        who = self._person()
        if self._chance.random() < 0.5:
            self.platform.closed ^= {who}

    # --- what is said

    async def _says(self, where: ThreadRef, who: str, audience: Audience, kind: str) -> None:
        self._count += 1
        remote = f"{self._name} {self._count}"
        said = says(where, who, f"{kind}: {remote}", remote=remote, dedup=f"m{remote}")
        await self.line.dispatcher.accept(replace(said, audience=audience))
        await self.line.settle()
        author = "" if audience is Audience.PRIVATE else identity_id("telegram", "bot", who)
        self._conversations.append(await self.line.conversation_of(where, author))
        if audience is not Audience.PRIVATE:
            self._asked.append((where, who, remote))

    def _word(self, audience: Audience) -> str:
        self._count += 1
        return f"{audience}: {self._name} {self._count}"

    def _some(self) -> Conversation:
        return self._chance.choice(self._conversations)

    async def _conversation(self) -> Conversation:
        """By one of its numbers, as it is now."""
        leg: Leg = self._chance.choice(self._some().legs)
        return await self.line.views.conversation(leg.number)

    async def _message(self, conversation: Conversation) -> MessageId | None:
        page = await self.line.views.messages(conversation, "", 20)
        return self._chance.choice([one.message.id for one in page.entries] or [None])

    # --- where it is said

    def _person(self) -> str:
        return f"{self._chance.choice(PEOPLE)} of {self._name}"

    def _place(self, place: str) -> ThreadRef:
        return thread(f"{place} {self._name}")

    def _dm(self, who: str) -> ThreadRef:
        return thread(f"dm {who}")

    def _before_send(self, outbound: Outbound) -> None:
        self.told[f"sent to {audience_of(outbound.thread)}"] += 1


def audience_of(where: ThreadRef) -> Audience:
    """Who reads there: the platform's own truth."""
    return AUDIENCES.get(where.thread.partition(" ")[0], Audience.PRIVATE)


def leaks(platform: CommunityAdapter) -> list[str]:
    """What anybody can read somewhere that was not meant for them: also what was written over a
    message, what its buttons say, and whatever we said by ourselves.
    """
    width = (Audience.PRIVATE, Audience.GROUP, Audience.PUBLIC).index
    found = []
    for outbound in (*platform.sent, *platform.reworded):
        readers = audience_of(outbound.thread)
        if readers is Audience.PRIVATE:
            continue
        labels = [
            button.label
            for part in outbound.parts
            if isinstance(part, Buttons)
            for row in part.rows
            for button in row
        ]
        for words in (text_of(outbound), *labels):
            meant = words.partition(":")[0]
            known = meant in set(Audience)
            if not known or width(Audience(meant)) < width(readers):
                found.append(f"{outbound.thread.thread}: {words}")
        if outbound.sender.kind is SenderKind.SYSTEM:
            found.append(f"{outbound.thread.thread}: said by ourselves")
    return found
