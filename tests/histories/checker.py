"""The laws that every history has to keep: three logs in, what was broken out. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Final, TypeVar

import msgspec

from core.model.message import DeliveryState
from core.rules.delivery import ADVANCES
from tests.histories.logs import Changed, Got, Line, Logs, Outcome, Said

STATES: Final = frozenset(DeliveryState)
AT_AN_END: Final = STATES - {DeliveryState.QUEUED, DeliveryState.SENDING}
IN, OUT, NOTE = "in", "out", "note"


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A law that was broken: by what, and what the logs of both sides say of it."""

    law: str
    about: str
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()

    def shown(self) -> str:
        lines = [f"{self.law}: {self.about}"]
        lines += [f"    ours:   {one}" for one in self.ours]
        lines += [f"    theirs: {one}" for one in self.theirs]
        return "\n".join(lines)


def check(logs: Logs) -> list[Violation]:
    """Every breach of every law; none is what a history ought to have."""
    return [found for law in LAWS for found in breaches_of(law, logs)]


def breaches_of(law: "Law", logs: Logs) -> list[Violation]:
    return list(law(_Index(logs)))


class _Index:
    """The logs by what they are looked up by, and what a cut file excuses."""

    def __init__(self, logs: Logs) -> None:
        self.logs = logs
        self.lines = _by(logs.lines, lambda one: one.token)
        self.got = _by(logs.got, lambda one: one.token)
        self.said = _by(logs.said, lambda one: one.token)
        self.asked = _by(logs.asked, lambda one: one.token)
        self.at = {(one.leg, one.position): one for one in logs.lines}
        self.changes = {(one.leg, one.change_of): one for one in logs.lines if one.change_of}
        self._begun = {one.leg: n for n, one in reversed([*enumerate(logs.feed)])}

    def chain(self, lines: Iterable[Line]) -> list[Line]:
        """Legs of a thread follow one another as they began, which is no clock's but the feed's
        to say.
        """
        begun = self._begun
        return sorted(lines, key=lambda one: (begun.get(one.leg, -1), one.leg, one.position))

    def may_be_lost(self, said: Said) -> bool:
        """A customer's message: said before the cut, and not stored when the length was noted."""
        return any(said.at <= cut.cut_at and said.token not in cut.known for cut in self.logs.cuts)

    def may_be_forgotten(self, at: float, until: float) -> bool:
        """What is known of something asked for then: some of it may be gone."""
        return any(at <= cut.cut_at and until >= cut.noted_at for cut in self.logs.cuts)

    def may_be_undone(self, token: str) -> bool:
        """What became of one of our messages, at whatever time: it was there before the cut."""
        return any(one.at <= cut.cut_at for one in self.asked[token] for cut in self.logs.cuts)

    def breach(self, law: str, about: str, token: str = "") -> Violation:
        ours = [*self.lines[token]] if token else []
        theirs = [*self.said[token], *self.asked[token], *self.got[token]] if token else []
        return Violation(
            law=law,
            about=about,
            ours=tuple(map(_shown, ours)),
            theirs=tuple(map(_shown, theirs)),
        )


T = TypeVar("T")
Law = Callable[[_Index], Iterator[Violation]]


# --- what customers say


def _everything_said_is_there_once(index: _Index) -> Iterator[Violation]:
    law = "every message is in one conversation once"
    for said in index.logs.said:
        lines = [one for one in index.lines[said.token] if one.direction == IN]
        if len(lines) > 1:
            yield index.breach(law, f"{said.token} is there {len(lines)} times", said.token)
        elif not lines and not index.may_be_lost(said) and not _is_in_a_gap(index, said):
            yield index.breach(law, f"{said.token} is missing", said.token)
        for line in lines:
            if (line.who, line.thread) != (said.who, said.thread):
                yield index.breach(law, f"{said.token} is with somebody else", said.token)
    for line in index.logs.lines:
        if line.direction == IN and not index.said[line.token]:
            yield index.breach(law, f"{line.token or '?'} was never said", line.token)


def _is_in_a_gap(index: _Index, said: Said) -> bool:
    return any(gap in ("", said.thread) for gap in index.logs.gaps)


def _changes_are_told(index: _Index) -> Iterator[Violation]:
    law = "what a customer changed is changed"
    for said in index.logs.said:
        for line in index.lines[said.token]:
            wrong = {Changed.NO: line.changed, Changed.SURELY: not line.changed}
            if wrong.get(said.changed, False) and not index.may_be_forgotten(said.at, said.at + 60):
                yield index.breach(law, f"{said.token} reads otherwise", said.token)


def _files_are_whole(index: _Index) -> Iterator[Violation]:
    law = "a file is there as it was sent"
    for said in index.logs.said:
        for line in index.lines[said.token]:
            if line.direction == IN and line.files != said.files:
                yield index.breach(law, f"{said.token} has other files", said.token)


def _threads_are_in_order(index: _Index) -> Iterator[Violation]:
    """Both ways: as they were said, and as we wrote them."""
    law = "a thread is in order"
    said = _by(index.logs.said, lambda one: one.thread)
    lines = _by(index.logs.lines, lambda one: one.thread)
    for thread, whole in said.items():
        # What a cut took away comes again where its platform still has it, behind what came since.
        order = {one.token: n for n, one in enumerate(whole) if not index.may_be_lost(one)}
        told = [
            one for one in index.chain(lines[thread]) if one.token in order and one.direction == IN
        ]
        for earlier, later in pairwise(told):
            if order[earlier.token] > order[later.token]:
                yield index.breach(law, f"{later.token} comes after {earlier.token}", later.token)
    for thread, arrived in _by(index.logs.got, lambda one: one.thread).items():
        written = {one.token: n for n, one in enumerate(index.chain(lines[thread]))}
        firsts = [one for one in _firsts(arrived) if one.token in written]
        for before, after in pairwise(firsts):
            if written[before.token] > written[after.token] and not _settled_by_hand(index, after):
                yield index.breach(law, f"{after.token} arrived after {before.token}", after.token)


def _settled_by_hand(index: _Index, got: Got) -> bool:
    """After a cut a message may be asked for anew, behind what has left already."""
    return index.may_be_undone(got.token)


def _firsts(arrived: Iterable[Got]) -> list[Got]:
    return list({one.token: one for one in reversed(list(arrived))}.values())[::-1]


# --- what agents say


def _what_was_acknowledged_is_there(index: _Index) -> Iterator[Violation]:
    law = "what was acknowledged is there, once, where it was said to be"
    for asked in index.logs.asked:
        lines = [one for one in index.lines[asked.token] if one.direction != IN]
        if len(lines) > 1:
            yield index.breach(law, f"{asked.token} is there {len(lines)} times", asked.token)
        if asked.outcome is Outcome.REFUSED and lines:
            yield index.breach(law, f"{asked.token} was refused, and is there", asked.token)
        if asked.outcome is not Outcome.ACKNOWLEDGED:
            continue
        places = {(one.leg, one.position) for one in lines}
        if places != {(asked.leg, asked.position)} and not index.may_be_forgotten(
            asked.until, asked.until
        ):
            yield index.breach(law, f"{asked.token} is not where it was", asked.token)
    for line in index.logs.lines:
        if line.direction in (OUT, NOTE) and line.token and not index.asked[line.token]:
            yield index.breach(law, f"nobody wrote {line.token}", line.token)


def _sent_is_what_arrived(index: _Index) -> Iterator[Violation]:
    law = "what is told of a reply is what has happened"
    for token, lines in index.lines.items():
        for line in lines:
            if line.direction != OUT or not index.asked[token] or line.change_of:
                continue
            times = len(index.got[token])
            if not _is_true(line, times) and not index.may_be_undone(token):
                about = f"{token} is {line.state or 'nothing'} and arrived {times} times"
                yield index.breach(law, about, token)
    for token, arrived in index.got.items():
        if token and not index.lines[token] and not index.may_be_undone(token):
            yield index.breach(law, f"{token} arrived and is in no conversation", token)
        for got in arrived:
            if any(one.who != got.who for one in index.asked[token]):
                yield index.breach(law, f"{token} was not meant for {got.who}", token)


def _is_true(line: Line, times: int) -> bool:
    match line.state:
        case DeliveryState.SENT | DeliveryState.DELIVERED | DeliveryState.READ:
            return times == 1 or (times > 1 and line.told_twice)
        case DeliveryState.FAILED:
            return times == 0
        case DeliveryState.UNKNOWN:
            return times <= 1 or line.told_twice
        case _:
            return False


def _edits_are_what_was_told(index: _Index) -> Iterator[Violation]:
    law = "what is told of a change is what has happened"
    for line in index.logs.lines:
        if not line.change_of:
            continue
        target = index.at.get((line.leg, line.change_of))
        if target is None:
            yield index.breach(law, f"{line.token} changes nothing", line.token)
            continue
        for got in index.got[target.token]:
            wrong = {DeliveryState.SENT: not got.changed, DeliveryState.FAILED: got.changed}
            if wrong.get(DeliveryState(line.state)) and not index.may_be_undone(line.token):
                yield index.breach(law, f"{line.token} is {line.state}", target.token)


def _notes_stay_inside(index: _Index) -> Iterator[Violation]:
    for asked in index.logs.asked:
        if asked.what == NOTE and index.got[asked.token]:
            yield index.breach("no note leaves", f"{asked.token} was sent", asked.token)


# --- what is told


def _everything_comes_to_an_end(index: _Index) -> Iterator[Violation]:
    for line in index.logs.lines:
        if line.state and line.state not in AT_AN_END:
            yield index.breach("everything comes to an end", f"{line.token} waits", line.token)


def _states_go_forward(index: _Index) -> Iterator[Violation]:
    """As the feed tells them, and as each agent has read them."""
    law = "states go forward"
    steps = defaultdict[tuple[str, str, int], list[str]](list)
    for event in index.logs.feed:
        if event.kind in STATES:
            steps["the feed", event.leg, event.position].append(event.kind)
    for seen in index.logs.seen:
        if seen.state:
            steps[seen.by, seen.leg, seen.position].append(seen.state)
    for (by, leg, position), states in steps.items():
        line = index.at.get((leg, position))
        token = line.token if line else ""
        for before, after in pairwise(states):
            if not _follows(before, after, told=by == "the feed") and not index.may_be_undone(
                token
            ):
                about = f"{leg}/{position} was {before}, then {after}, says {by}"
                yield index.breach(law, about, token)


def _follows(before: str, after: str, *, told: bool) -> bool:
    """A reader may miss steps between, and read the same twice."""
    state = DeliveryState(before)
    if told:
        return after in ADVANCES[state]
    reached, new = {state}, {state}
    while new:
        new = {one for old in new for one in ADVANCES[old]} - reached
        reached |= new
    return after in reached


def _what_was_read_stays(index: _Index) -> Iterator[Violation]:
    for seen in index.logs.seen:
        line = index.at.get((seen.leg, seen.position))
        is_there = line is not None and line.token == seen.token
        if not is_there and not index.may_be_forgotten(seen.at, seen.at):
            about = f"{seen.token} was read at {seen.leg}/{seen.position}, and is not there"
            yield index.breach("what was read stays", about, seen.token)


def _conversations_hold_each_entry_once(index: _Index) -> Iterator[Violation]:
    law = "every entry is told in one conversation"
    told = Counter((one.leg, one.position) for one in index.logs.places)
    for at, line in index.at.items():
        if told[at] != 1:
            yield index.breach(law, f"{at} is told {told[at]} times", line.token)
    for at in told.keys() - index.at.keys():
        yield index.breach(law, f"{at} is told and in no log")


def _listeners_hear_everything(index: _Index) -> Iterator[Violation]:
    """Once and in order, or they are told that they have missed something."""
    law = "listeners hear everything once and in order"
    for heard in index.logs.heard:
        events = [_order(one) for one in heard.events]
        if events != sorted(set(events)):
            yield index.breach(law, f"{heard.by} heard something twice, or late")
        if index.logs.cuts or not heard.last:
            continue
        first, last = _order(heard.first), _order(heard.last)
        gaps = [(_order(a), _order(b)) for a, b in heard.gaps if a]
        owed = {_order(one.id) for one in index.logs.feed if first < _order(one.id) <= last}
        lost = [one for one in owed - set(events) if not any(a < one <= b for a, b in gaps)]
        known = {_order(one.id) for one in index.logs.feed}
        invented = {one for one in events if one <= max(known, default=one)} - known
        if lost:
            yield index.breach(law, f"{heard.by} never heard {sorted(lost)[:3]}")
        if invented:
            yield index.breach(law, f"{heard.by} heard {sorted(invented)[:3]}, which is not so")


def _order(event_id: str) -> tuple[int, int]:
    ms, _, n = event_id.partition("-")
    return int(ms), int(n or 0)


# --- what is beneath


def _keys_fit_together(index: _Index) -> Iterator[Violation]:
    for flaw in index.logs.flaws:
        yield Violation(law="no key is half-made", about=flaw)


def _nothing_is_unforeseen(index: _Index) -> Iterator[Violation]:
    for one in index.logs.surprises:
        yield Violation(law="nothing happens that nobody foresaw", about=one)


LAWS: Final[tuple[Law, ...]] = (
    _everything_said_is_there_once,
    _changes_are_told,
    _files_are_whole,
    _threads_are_in_order,
    _what_was_acknowledged_is_there,
    _sent_is_what_arrived,
    _edits_are_what_was_told,
    _notes_stay_inside,
    _everything_comes_to_an_end,
    _states_go_forward,
    _what_was_read_stays,
    _conversations_hold_each_entry_once,
    _listeners_hear_everything,
    _keys_fit_together,
    _nothing_is_unforeseen,
)


def _by(ones: Iterable[T], key: Callable[[T], str]) -> defaultdict[str, list[T]]:
    found = defaultdict[str, list[T]](list)
    for one in ones:
        found[key(one)].append(one)
    return found


def _shown(one: msgspec.Struct) -> str:
    filled = {name: value for name, value in msgspec.structs.asdict(one).items() if value}
    return f"{type(one).__name__} " + ", ".join(f"{name}={value}" for name, value in filled.items())
