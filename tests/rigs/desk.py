"""A support desk in the words of those who use it: customers write, agents answer, work is done."""

from core.model.conversation import Conversation, Entry, Leg
from core.model.ids import IdentityId, ThreadRef, identity_id
from core.model.message import Audience
from core.store.store import Store
from tests.rigs.assembly import Assembly, text_in
from tests.rigs.events import says
from tests.rigs.platform import MemoryAdapter

TELEGRAM = "bot"
MAIL = "support"


class Customer:
    """A person on one channel, with what the desk has sent them."""

    def __init__(self, desk: "SupportDesk", thread: ThreadRef, remote: str) -> None:
        self._desk, self.thread, self._remote = desk, thread, remote

    @property
    def identity(self) -> IdentityId:
        return identity_id(self.thread.channel, self.thread.account, self._remote)

    async def writes(self, text: str) -> None:
        """When this returns, the platform could be told that the message is safe."""
        await self._desk.line.dispatcher.accept(says(self.thread, self._remote, text))
        await self._desk.line.settle()

    @property
    def received(self) -> list[str]:
        adapter = self._desk.telegram if self.thread.account == TELEGRAM else self._desk.mail
        return adapter.texts(self.thread.thread)


class SupportDesk:
    """One process with two lines, a Telegram bot and a mailbox."""

    def __init__(self, store: Store) -> None:
        self.telegram, self.mail = MemoryAdapter(), MemoryAdapter()
        self.line = Assembly(store, {TELEGRAM: self.telegram, MAIL: self.mail})
        self._tasks = 0

    def on_telegram(self, name: str) -> Customer:
        thread = ThreadRef(channel="telegram", account=TELEGRAM, thread=f"chat of {name}")
        return Customer(self, thread, name)

    def by_mail(self, name: str) -> Customer:
        thread = ThreadRef(channel="email", account=MAIL, thread=f"mails of {name}")
        return Customer(self, thread, f"{name}@customers.example")

    # --- agents

    async def conversation(self, customer: Customer) -> Conversation:
        return await self.line.conversation_of(customer.thread)

    async def reads(self, conversation: Conversation) -> list[str]:
        """The conversation as an agent sees it, all lines in one order."""
        page = await self.line.views.messages(conversation, "", 100)
        return [text_in(entry) for entry in page.entries]

    async def answers(
        self,
        conversation: Conversation,
        text: str,
        *,
        on: Leg | None = None,
        audience: Audience = Audience.PRIVATE,
    ) -> Entry:
        """Without `on`, to where the customer wrote last."""
        leg = on.id if on else None
        entry = await self.line.reply(conversation, text, leg=leg, audience=audience)
        await self.line.settle()
        return entry

    # --- operators

    async def links(self, a: Customer, b: Customer) -> None:
        """`trunkline link A B`: the two are one person."""
        joins = self.line.joins
        await joins.link(self._task(), a.identity, b.identity, "operator:kim", "on the phone")
        await self.line.settle()

    async def unlinks(self, a: Customer, b: Customer) -> None:
        """`trunkline unlink A B`: that was a mistake."""
        joins = self.line.joins
        await joins.unlink(self._task(), a.identity, b.identity, "operator:kim", "a namesake")
        await self.line.settle()

    def _task(self) -> str:
        self._tasks += 1
        return f"task {self._tasks}"
