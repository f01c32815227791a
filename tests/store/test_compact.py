"""Messages in logs take few bytes, come back as they were or not at all, and are known again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from itertools import count, product
from statistics import mean
from typing import Final

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bench.engine.traffic import CHARACTERS, SENTENCES, Customers
from core.errors import StoreError
from core.model.codec import encode
from core.model.content import Text
from core.model.event import MessageEdited
from core.model.ids import MessageId
from core.model.message import Direction, Message, Sender, SenderKind
from core.rules.incoming import as_message
from core.store import compact as stored
from core.store.compact import FORMAT, compact, loosened, mark_of, plain, read_message, tightened
from core.store.store import Store
from tests.rigs.assembly import Assembly
from tests.rigs.events import event, says, thread
from tests.rigs.freezing import Winter, had
from tests.rigs.platform import MemoryAdapter

words = st.text(max_size=200)
messages = st.builds(
    Message,
    id=words.map(MessageId),
    direction=st.sampled_from(Direction),
    sender=st.builds(Sender, kind=st.sampled_from(SenderKind), id=words, name=words),
    at=st.datetimes(timezones=st.just(UTC)),
    parts=st.lists(st.builds(Text, text=words), max_size=3).map(tuple),
    refs=st.lists(words, max_size=3).map(tuple),
)
ADA: Final = thread("ada")
SAID: Final = as_message(says(ADA, "ada", "my parcel is not here yet", remote="ada:1"))
LARGEST: Final = Text(text="".join(map(chr, range(0x4E00, 0x9F00))) * 20)


@given(message=messages)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    """Who reads it later would read something else."""
    assert read_message(compact(message)) == message


def test_a_large_message_comes_back_as_it_was() -> None:
    """A long mail would be accepted and never be seen."""
    message = replace(SAID, parts=(LARGEST,))

    assert read_message(compact(message)) == message


@given(blob=st.binary(max_size=60))
def test_other_bytes_are_refused_and_never_guessed_at(blob: bytes) -> None:
    """A conversation would show what nobody has written."""
    with pytest.raises(StoreError):
        read_message(blob)
    with pytest.raises(StoreError):
        read_message(FORMAT + blob)


def test_a_blob_with_any_bit_of_it_damaged_is_refused() -> None:
    """Words that a disk has changed would be a customer's."""
    blob = compact(SAID)

    for place, bit in product(range(len(blob)), range(8)):
        damaged = bytearray(blob)
        damaged[place] ^= 1 << bit
        try:
            assert read_message(bytes(damaged)) == SAID, "only what nobody reads may differ"
        except StoreError:
            continue


@pytest.mark.parametrize("cut", [1, 4, 5, 40])
def test_a_blob_that_is_cut_or_goes_on_is_refused(cut: int) -> None:
    """What is missing would be missed by nobody."""
    blob = compact(SAID)

    with pytest.raises(StoreError):
        read_message(blob[:-cut])
    with pytest.raises(StoreError):
        read_message(blob + b"\x00" * cut)


def test_damage_gets_no_memory() -> None:
    """One blob that claims to be of many gigabytes would end the process."""
    eight_bytes_of_length = b"\xe4" + (1 << 50).to_bytes(8, "little")

    with pytest.raises(StoreError, match="its length is damaged"):
        read_message(FORMAT + eight_bytes_of_length + b"\x00" * 20)


def test_a_newer_format_names_what_to_do() -> None:
    """Who went back to an older version would believe that everything is lost."""
    with pytest.raises(StoreError, match="run the version of Trunkline that wrote it"):
        read_message(b"\x03" + compact(SAID)[1:])


def test_messages_that_the_dictionary_was_not_made_of_are_small() -> None:
    """Memory is what an installation with many open conversations pays for."""
    customers = Customers()
    said = [as_message(customers.says(n)) for n in range(512)]

    assert all(len(text) == CHARACTERS for text in SENTENCES)
    assert mean(len(compact(one)) for one in said) < 0.6 * mean(len(encode(one)) for one in said)


def test_threads_do_not_get_into_each_others_way() -> None:
    """The archive reads legs in a thread of its own while messages come in."""
    many = [replace(SAID, id=MessageId(str(n)), parts=(LARGEST,)) for n in range(16)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda one: read_message(compact(one)), many * 2)) == many * 2


def again(blob: bytes, level: int) -> bytes:
    """The same message as another version, or another setting, would have written it."""
    dictionary = zstandard.ZstdCompressionDict(stored._data)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level,
        format=zstandard.FORMAT_ZSTD1_MAGICLESS,
        write_content_size=True,
        write_checksum=True,
        write_dict_id=False,
    )
    press = zstandard.ZstdCompressor(dict_data=dictionary, compression_params=parameters)
    return FORMAT + press.compress(plain(blob))


@pytest.mark.parametrize("level", [-5, 1, 9, 19])
def test_a_message_has_one_mark_however_it_was_compressed(level: int) -> None:
    """After an update nothing that was stored before could be edited any more."""
    blob = again(compact(SAID), level)

    assert blob != compact(SAID)
    assert read_message(blob) == SAID
    assert blob.endswith(mark_of(SAID))
    assert not blob.endswith(mark_of(replace(SAID, rev=1)))


async def test_what_another_version_has_compressed_can_be_changed(
    store: Store, line: Assembly
) -> None:
    """The customer's correction, or their picture, would never come."""
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    await line.settle()
    leg = await line.leg_of(ADA)
    log = store.keys.log(leg)
    (blob,) = await store.read.one("LRANGE", log, 0, -1)
    before = read_message(blob)

    await store.read.one("LSET", log, 0, again(blob, 19))
    fetched = replace(before, language="en")
    noted = await store.fetches.note(leg, 1, before, fetched, None)
    await store.read.one("LSET", log, 0, again(compact(fetched), 19))
    edit = MessageEdited(remote="m1", parts=(Text(text="hello"),))
    await line.dispatcher.accept(event(ADA, "ada", edit))
    await line.settle()

    assert noted
    assert not await store.fetches.note(leg, 1, before, fetched, None), "it says more by now"
    (entry,) = await line.log(leg)
    assert (entry.message.parts, entry.message.language) == (edit.parts, "en")


def alike(message: Message) -> tuple[Message, Message]:
    """Two messages of one mark."""
    found: dict[bytes, Message] = {}
    for n in count():
        one = replace(message, language=f"{n}")
        other = found.setdefault(mark_of(one), one)
        if other is not one:
            return other, one
    raise AssertionError


async def test_a_change_is_made_though_both_forms_have_one_mark(
    store: Store, line: Assembly
) -> None:
    """An edit or a picture would be lost with nobody to say so, once in so many."""
    await line.dispatcher.accept(says(ADA, "ada", "helo", remote="m1"))
    await line.settle()
    leg = await line.leg_of(ADA)
    (entry,) = await line.log(leg)
    before, after = alike(entry.message)
    assert await store.fetches.note(leg, 1, entry.message, before, None)

    assert await store.fetches.note(leg, 1, before, after, None)

    (entry,) = await line.log(leg)
    assert entry.message == after


@given(message=messages)
def test_a_loosened_message_is_the_same_message(message: Message) -> None:
    """The archive packs legs as a whole; what it gives back is read, and changed, as before."""
    blob = compact(message)

    assert read_message(loosened(blob)) == message
    assert tightened(loosened(blob)) == blob


def test_what_cannot_be_read_goes_into_the_archive_as_it_is() -> None:
    """One damaged message would keep its conversation in memory for ever."""
    damaged = compact(SAID)[:-1] + b"\x00\x00"

    assert tightened(loosened(damaged)) == damaged


async def test_a_leg_that_comes_back_from_the_archive_is_small_again(winter: Winter) -> None:
    """Memory would grow with every customer who writes again."""
    line = Assembly(winter.store, {"bot": MemoryAdapter()})
    leg = (await had(line)).legs[0].id
    log = winter.store.keys.log(leg)
    before = await winter.store.read.one("LRANGE", log, 0, -1)

    await winter.comes()
    (frozen,) = await winter.archive.legs([leg])
    assert frozen is not None
    assert await winter.store.cold.thaw(leg)

    assert winter.archived == 1
    assert [read_message(one) for one in frozen.log] == [read_message(one) for one in before]
    assert all(len(one) > len(blob) for one, blob in zip(frozen.log, before, strict=True))
    assert await winter.store.read.one("LRANGE", log, 0, -1) == before
