"""What holds for every text, and for every history of an index."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core.model.conversation import Entry, Leg
from gateway.search.terms import fold, terms, tokens
from tests.rigs.searching import Memory, entry, leg

ALPHABETS: Final = (
    "abcdefgхyzABCÄÖÜßéèñçøœıİ",
    "абвгдеёжйЁЙ",
    "订单发货北京市東手机壳",
    "カタカナひらがなー",
    "주문취소환불",
    "สวัสดีครับ",
    "شكراًأإطلبي",
    "नमस्तेऑर्डर",
    "0123456789-_@.+/:#",
    " \n\t,;!?\"'()",
    "\u0301\u0308\u200d\ufe0f😀½①ﬁ",
)
letters = st.sampled_from("".join(ALPHABETS)) | st.characters(exclude_categories=["Cs"])
texts = st.text(letters, max_size=60)


@given(texts)
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    """What cannot be found is as good as lost."""
    memory = Memory()
    of = leg(0, length=1)
    said = entry(of, 1, text)
    memory.put(of, [said])

    for token in tokens(memory.db.execute("SELECT text FROM a_message").fetchone()[0]):
        lines = [token.folded] if not token.unspaced else _pairs(token.folded)
        for line in lines:
            if any(tokens(line)):
                assert memory.places(line) == [(of.id, 1)], line


def _pairs(run: str) -> list[str]:
    return [*run, *(run[n : n + 2] for n in range(len(run) - 1)), run[:40]]


@given(texts)
def test_folding_again_changes_nothing(word: str) -> None:
    """What is written into the index would not be what is looked for."""
    assert fold(fold(word)) == fold(word)


@given(texts)
def test_terms_hold_nothing_that_fts5_would_take_apart(text: str) -> None:
    """A term with a space in it is two terms there, and cannot be taken out again."""
    found = terms(text)
    for term in (*found.words, *found.characters, *found.names):
        assert term
        assert not any(one.isspace() or one in '"\0' for one in term)
        assert all(one.isalnum() or not one.isascii() for one in term)


step = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 4), texts),
    st.tuples(st.just("edit"), st.integers(0, 4), texts),
    st.tuples(st.just("join"), st.integers(1, 4), st.integers(0, 3)),
    st.tuples(st.just("erase"), st.integers(0, 4), st.none()),
)


@settings(max_examples=60)
@given(st.lists(step, max_size=14))
def test_an_index_is_the_same_however_it_came_to_be(steps: list[tuple[str, int, object]]) -> None:
    """One that was kept for a year would find what one made anew does not, or the reverse."""
    kept = Memory()
    logs: dict[int, list[Entry]] = {}
    first: dict[int, int] = {}

    def head(n: int) -> Leg:
        return leg(n, who=f"who{n % 3}", conversation=first.get(n, n), length=len(logs[n]))

    for act, n, what in steps:
        if act == "say":
            log = logs.setdefault(n, [])
            log.append(entry(head(n), len(log) + 1, str(what)))
            kept.put(head(n), log[-1:])
        elif n not in logs:
            continue
        elif act == "edit":
            position = len(str(what)) % len(logs[n]) + 1
            before = kept.db.execute("SELECT text FROM a_message LIMIT 1").fetchone()[0]
            logs[n][position - 1] = entry(head(n), position, str(what), before=[before])
            kept.put(head(n), logs[n][position - 1 : position])
        elif act == "join" and what in logs:
            first[n] = min(n, int(str(what)))
            kept.put(head(n))
        elif act == "erase":
            kept.remove(head(n).id)
            del logs[n]
            first.pop(n, None)

    anew = Memory()
    for n in sorted(logs):
        anew.put(head(n), logs[n])
    assert kept.whole() == anew.whole()


def test_a_conversation_stands_where_its_first_leg_began() -> None:
    """Of conversations that were joined, one that is known by its later leg first would be listed
    among newer ones, until the index is made anew.
    """
    kept, anew = Memory(), Memory()
    first, second = leg(0), leg(1, conversation=0)

    for one in (second, first):
        kept.put(one)
    for one in (first, second):
        anew.put(one)

    assert kept.whole() == anew.whole()


def test_an_index_does_not_say_where_a_leg_is_kept() -> None:
    """It is told nothing when a leg is archived: it would say so of some, and not of others."""
    kept, anew = Memory(), Memory()

    kept.put(leg(0))
    anew.put(replace(leg(0), archived=True))

    assert kept.whole() == anew.whole()
