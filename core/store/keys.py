"""Every key, with its type, owner and lifetime. Keys of one partition share one hash tag.

A thread lives in the partition of its name; its legs, their logs, its lanes and its claims live
with it, so that every step of a message's way is one script in one slot. An identity lives in the
partition of its own name.
"""

from binascii import crc_hqx
from functools import lru_cache
from itertools import count

from core.model.ids import IdentityId, LegId, ThreadRef

SLOTS = 16384
META = "{trunkline}meta"
"""hash, permanent: format version and number of partitions, fixed at install."""
LIVE = "{live}events"
"""stream, capped: all partitions' events in one order for live clients; ids and kinds only."""
LIVE_CURSORS = "{live}cursors"
"""hash, permanent (a field a partition): the last event of each partition that is in LIVE."""
REPLICATED_MARK = "{trunkline}replicated"
"""string, permanent, with durability `replicated` only: written so that replicas confirm it."""
WAKE = "trunkline:wake"
"""publish channel: `<tags>|<tags>` of partitions in which work was left, and in which something
happened.
"""
VIEWS = ("open", "pending", "spam")
LASTING = frozenset(
    {
        *("meta", "cursors", "counter", "numbers", "tasks", "checkpoint", "blocked", "dead"),
        *("thread", "leg", "log", "refs", "sends", "identity", "legs", "wider", "gaps", "shown"),
    }
)
"""Keys without an end of their own, by the first word after the tag: permanent, or until erased."""
CAPPED = frozenset({"events", "audit"})
"""Streams that are as long as Caps allows and no longer; likewise."""


def slot(tag: str) -> int:
    """The hash slot of a tag (CRC16/XMODEM, as Redis Cluster defines it)."""
    return crc_hqx(tag.encode(), 0) % SLOTS


@lru_cache
def tags(partitions: int) -> tuple[str, ...]:
    """One tag a partition, spread evenly over the slots and so over a cluster's nodes."""
    width = SLOTS / partitions
    return tuple(
        next(tag for n in count() if int(slot(tag := f"{partition:02x}{n:x}") / width) == partition)
        for partition in range(partitions)
    )


class Keys:
    """The keys of an installation with so many partitions."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._prefixes = tuple(f"{{{tag}}}" for tag in tags(partitions))
        self._by_name = {f"{n:02x}": n for n in range(partitions)}
        self._indexes = tuple((*self.inboxes(n), self.events(n)) for n in range(partitions))

    def of(self, entity: str) -> int:
        """The partition of a thread or an identity, by its name."""
        return crc_hqx(entity.encode(), 0) % self.partitions

    def of_leg(self, leg: LegId) -> int:
        """A leg's id ends with its partition. Raises ValueError for what is not a leg's id."""
        try:
            return self._by_name[leg.rpartition("-")[2]]
        except KeyError:
            raise ValueError(leg) from None

    def leg_id(self, ulid: str, thread: ThreadRef) -> LegId:
        return LegId(f"{ulid}-{self.of(str(thread)):02x}")

    # --- a thread's partition

    def thread(self, ref: str) -> str:
        """hash, while known: `seq` of the last event queued, `idle` the one when its lane was seen
        empty, `filed` of the last one filed, `out` of the last message queued, `fetch` of the last
        one whose attachments are to be fetched, `b:<author>` the leg it goes to, `turn` in which
        its newest claims were begun (`+`: there were some of the turn before), `handed` to which
        call its outbound lane was handed over last, with the token.
        """
        return f"{self._prefixes[self.of(ref)]}thread:{ref}"

    def seen(self, ref: str) -> tuple[str, ...]:
        """hashes, 16 days: dedup id → 1, or a task's id → its seq. They take turns of 8 days, and
        the turn before counts too: an event is known for 8 to 16 days.
        """
        stem = f"{self._prefixes[self.of(ref)]}seen:{ref}:"
        return stem + "0", stem + "1", stem + "2"

    def lane(self, kind: str, ref: str) -> str:
        """list, drained: entries that wait for their turn (kind in, out, fetch, task)."""
        return f"{self._prefixes[self.of(ref)]}lane:{kind}:{ref}"

    def ready(self, partition: int, account: str, kind: str) -> str:
        """zset, drained: lane → when it is due, ms (ready, leased, retry, scheduled)."""
        return f"{self._prefixes[partition]}ready:{account}:{kind}"

    # What every message touches is made at once, by whoever knows the partition.

    def inbound(self, partition: int, ref: str, account: str) -> tuple[str, ...]:
        """What an event of a thread touches before it is filed: the thread, its claims, its lane,
        and where that stands.
        """
        p = self._prefixes[partition]
        claims = f"{p}seen:{ref}:"
        return (
            f"{p}thread:{ref}",
            *(claims + "0", claims + "1", claims + "2"),
            f"{p}lane:in:{ref}",
            f"{p}ready:{account}:in",
        )

    def filing(self, partition: int, leg: LegId) -> tuple[str, ...]:
        """What a message touches when it is filed in a leg: head, log and refs of the leg, then the
        partition's views and events.
        """
        p = self._prefixes[partition]
        return f"{p}leg:{leg}", f"{p}log:{leg}", f"{p}refs:{leg}", *self._indexes[partition]

    def replying(self, partition: int, leg: LegId, ref: str, account: str) -> tuple[str, ...]:
        """What a reply touches: head, log, refs and sends of the leg, its thread's lane, where that
        stands, the partition's views and events, and the thread.
        """
        p = self._prefixes[partition]
        return (
            *(f"{p}leg:{leg}", f"{p}log:{leg}", f"{p}refs:{leg}", f"{p}sends:{leg}"),
            *(f"{p}lane:out:{ref}", f"{p}ready:{account}:out"),
            *self._indexes[partition],
            f"{p}thread:{ref}",
        )

    def sending(self, partition: int, leg: LegId, ref: str, account: str) -> tuple[str, ...]:
        """What the outcome of a send touches: refs and sends of the leg, its thread's lane, where
        that stands, and the partition's events.
        """
        p = self._prefixes[partition]
        return (
            *(f"{p}refs:{leg}", f"{p}sends:{leg}"),
            *(f"{p}lane:out:{ref}", f"{p}ready:{account}:out"),
            self._indexes[partition][-1],
        )

    def leg(self, leg: LegId) -> str:
        """hash, while known: the head of a leg."""
        return f"{self._prefixes[self.of_leg(leg)]}leg:{leg}"

    @property
    def every_leg(self) -> str:
        """A pattern of all of these, in every partition."""
        return "{*}leg:*"

    def log(self, leg: LegId) -> str:
        """list, while the leg is known: its messages; position n is index n - 1."""
        return f"{self._prefixes[self.of_leg(leg)]}log:{leg}"

    def refs(self, leg: LegId) -> str:
        """hash, with the leg: `r:<remote id>` and `k:<message id>` → position;
        `p:<position>:<piece>` → the platform's ids of that piece, one a line.
        """
        return f"{self._prefixes[self.of_leg(leg)]}refs:{leg}"

    def sends(self, leg: LegId) -> str:
        """hash, with the leg: position of an outgoing message → state|attempts|pieces|at|reason"""
        return f"{self._prefixes[self.of_leg(leg)]}sends:{leg}"

    def whole(self, leg: LegId) -> tuple[str, ...]:
        """All that is a leg's own, in the order in which it is archived."""
        return self.leg(leg), self.log(leg), self.refs(leg), self.sends(leg)

    def inbox(self, partition: int, view: str) -> str:
        """zset, drained: leg → when it was last touched, ms; legs with work only."""
        return f"{self._prefixes[partition]}inbox:{view}"

    def inboxes(self, partition: int) -> tuple[str, ...]:
        """All views, in the order in which scripts take them."""
        return tuple(self.inbox(partition, view) for view in VIEWS)

    def snoozed(self, partition: int) -> str:
        """zset, drained: leg → when it is to be open again, ms; also legs that are by now."""
        return f"{self._prefixes[partition]}snoozed"

    def events(self, partition: int) -> str:
        """stream, capped: kind, leg, position. No content."""
        return f"{self._prefixes[partition]}events"

    def numbers(self, number: str) -> str:
        """hash, permanent: conversation number → leg; in the partition of the number."""
        return f"{self._prefixes[self.of(number)]}numbers"

    def failing(self, partition: int, account: str) -> str:
        """hash, a day after the last failure: lane → `seq attempts` of its first entry."""
        return f"{self._prefixes[partition]}failing:{account}"

    def dead(self, partition: int, account: str) -> str:
        """stream, until revived or removed, bounded: entries of lanes that failed too often."""
        return f"{self._prefixes[partition]}dead:{account}"

    # --- an identity's partition

    def identity(self, identity: IdentityId) -> str:
        """hash, until erased: name, handle ..., `contact`, `l:<identity>` a link each, `task` the
        place of the last task that was there (so in a leg's head).
        """
        return f"{self._prefixes[self.of(identity)]}identity:{identity}"

    def legs(self, identity: IdentityId) -> str:
        """zset, until erased: the private legs that were begun for an identity, by time."""
        return f"{self._prefixes[self.of(identity)]}legs:{identity}"

    def wider(self, identity: IdentityId) -> str:
        """zset, until erased: the newest legs in groups and in public that were begun for an
        identity, by time.
        """
        return f"{self._prefixes[self.of(identity)]}wider:{identity}"

    def tally(self, identity: IdentityId, what: str) -> str:
        """string, as long as it counts: how often a person did this of late."""
        return f"{self._prefixes[self.of(identity)]}tally:{what}:{identity}"

    # --- a code's partition, and that of what a code led to

    def code(self, fingerprint: str) -> str:
        """hash, ten minutes: `of` the identity that asked for it, `by` the one that gave it."""
        return f"{self._prefixes[self.of(fingerprint)]}code:{fingerprint}"

    def proof(self, name: str) -> str:
        """hash, an hour: `asked` who is to confirm what, `answer` what they said first."""
        return f"{self._prefixes[self.of(name)]}proof:{name}"

    # --- one for the whole installation

    @property
    def counter(self) -> str:
        """string, permanent: how many conversation numbers were given out."""
        return f"{self._prefixes[0]}counter"

    def audit(self, name: str) -> str:
        """stream, capped: who asked for which of the tasks of this name; with them, so that a task
        is queued and recorded in one step.
        """
        return f"{self._prefixes[self.of(name)]}audit:{name}"

    def tasks(self, name: str) -> str:
        """hash, permanent: `seq` of the tasks of this name and `done`, the last one carried out."""
        return f"{self._prefixes[self.of(name)]}tasks:{name}"

    def hold(self, account: str, name: str) -> str:
        """string, ends with its term: the token of the process that does this for the account."""
        return f"{self._prefixes[self.of(account)]}hold:{account}:{name}"

    def checkpoint(self, account: str) -> str:
        """hash, permanent: what an adapter noted of how far it has read."""
        return f"{self._prefixes[self.of(account)]}checkpoint:{account}"

    @property
    def blocked(self) -> str:
        """hash, permanent: a blocked identity → who did it, when and why; `rev` counts changes."""
        return f"{self._prefixes[self.of('blocks')]}blocked"

    # --- an account's partition

    def announced(self, account: str) -> str:
        """string, some seconds: how the inbox is and what it can, by the process that runs it."""
        return f"{self._prefixes[self.of(account)]}announced:{account}"

    def shown(self, account: str) -> str:
        """hash, until the leg is closed: leg → the status that its platform was last asked to show
        where others read along, "" for none yet.
        """
        return f"{self._prefixes[self.of(account)]}shown:{account}"

    def gaps(self, account: str) -> str:
        """zset, permanent: the newest gaps of the account, by when they were recorded."""
        return f"{self._prefixes[self.of(account)]}gaps:{account}"

    def limit(self, account: str, name: str) -> str:
        """string, until it says nothing any more: `given left`, moments in ms, `cost advance`, what
        the budget is, in ms; see spend.lua.
        """
        return f"{self._prefixes[self.of(account)]}limit:{account}:{name}"

    def budgets(self, account: str) -> str:
        """zset, until all are whole: the name of a budget that is used → when it is whole, ms."""
        return f"{self._prefixes[self.of(account)]}budgets:{account}"

    def answered(self, account: str, person: IdentityId) -> str:
        """string, a day: the leg for which this person was answered automatically."""
        return f"{self._prefixes[self.of(account)]}answered:{account}:{person}"

    def answers(self, account: str) -> str:
        """string, a minute: how many automatic answers the account has given."""
        return f"{self._prefixes[self.of(account)]}answers:{account}"

    # --- an exchange's partition

    def exchange(self, account: str, exchange: str) -> str:
        """zset, 90 days after the last: the legs that stand in it, by time."""
        return f"{self._prefixes[self.of(exchange)]}exchange:{account}:{exchange}"
