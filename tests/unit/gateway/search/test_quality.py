"""What agents look for, in many languages and in numbers, and what must not be found by it."""

import time
from itertools import count

import pytest

from core.errors import InvalidRequest
from core.model.conversation import Status
from core.model.message import Direction
from gateway.search.hits import ConversationHit, MessageHit, PersonHit
from tests.rigs.searching import Memory, entry, leg, person

SAID = {
    "en1": "Hello, my parcel 2024-00871 hasn't arrived. Please deliver it to Café Zoë!",
    "en2": "The delivery arrived yesterday, thank you. Re-order: PO_4711-B",
    "en3": "My wallet is 0x9fA3B27c44E1d05B8Fe6A0c1D2e3F4a5b6C7d8E9, the border is closed",
    "en4": "Call me at +49 170 1234567 or write to mei.lin+shop@example.org (@mei_lin)",
    "de1": "Die Größe der Straßenschuhe stimmt nicht, bitte um Rücküberweisung",
    "de2": "Meine Kreditkartennummer wurde abgelehnt. ÄRGERLICH!",
    "fr1": "J'ai reçu l'article déjà cassé à Orléans, œuvre abîmée",
    "es1": "¿Dónde está mi pedido? El niño cumple años mañana",
    "ru1": "Здравствуйте, мой заказ ещё не пришёл. Ёлка",
    "ru2": "Мои документы готовы",
    "zh1": "您好，我的订单什么时候发货？北京市朝阳区",
    "zh2": "请问iPhone手机壳有货吗",
    "zh3": "京东的快递已经到了，谢谢",
    "ja1": "東京都に配送をお願いします。カタカナのﾊﾝｶｸ",
    "ko1": "주문을 취소하고 환불받고 싶습니다",
    "ar1": "أَيْنَ طَلَبِي رقم ٢٠٢٤؟ شكراً جزيلاً",
    "ar2": "المدرسة في القاهرة",
    "th1": "สวัสดีครับ ผมต้องการคืนสินค้า",
    "hi1": "नमस्ते, मेरा ऑर्डर कहाँ है",
    "he1": "שָׁלוֹם, איפה ההזמנה שלי",
    "tr1": "İstanbul'a gönderim yapılıyor mu? Işık",
    "vi1": "Tôi muốn đổi trả hàng ở Đà Nẵng",
}

CASES = """
# whole words, in any case, with and without accents
parcel → en1
PARCEL → en1
cafe zoe → en1
Café → en1
hasn't → en1
arrived → en1 en2
arrived thank → en2
groesse →
grösse → de1
GROSSE → de1
strasse → de1
ärgerlich → de2
argerlich → de2
recu → fr1
œuvre → fr1
oeuvre → fr1
orleans cassé → fr1
donde → es1
nino → es1
anos → es1
mañana → es1
еще → ru1
ещё → ru1
елка → ru1
заказ пришел → ru1
мой → ru1
мои → ru2
istanbul → tr1
isik → tr1
ışık → tr1
gonderim → tr1
da nang → vi1
đà nẵng → vi1
muon → vi1
नमस्ते → hi1
ऑर्डर → hi1
שלום → he1
הזמנה → he1
أين → ar1
اين طلبي → ar1
شكرا → ar1
2024 → ar1 en1
٢٠٢٤ → ar1 en1
المدرسه → ar2
مدرسة → ar2
# beginnings, and fragments where nothing begins so
deliv → en1 en2
delivered →
order → en2
kreditkarte → de2
karte → de2
überweisung → de1
schuhe → de1
or → en4
borders →
bord → en3
# scripts without spaces
订单 → zh1
发货 → zh1
北京 → zh1
北京市朝阳 → zh1
京 → zh1 zh3 ja1
京市 → zh1
市北 →
东京 →
東京 → ja1
手机壳 → zh2
iphone → zh2
iphone 手机 → zh2
iphone手机 → zh2
货吗 → zh2
货 → zh1 zh2
快递 谢谢 → zh3
配送 → ja1
お願い → ja1
カタカナ → ja1
ハンカク → ja1
주문 → ko1
환불 → ko1
취소 → ko1
주환 →
สินค้า → th1
คืนสินค้า → th1
สวัสดี → th1
# numbers, hashes, addresses, handles, telephones: as a whole and in parts
2024-00871 → en1
00871 → en1
0087 → en1
202400871 → en1
24-0087 → en1
2024-00872 →
PO_4711-B → en2
po4711 → en2
4711 → en2
0x9fa3b27c44e1d05b8fe6a0c1d2e3f4a5b6c7d8e9 → en3
0x9fa3 → en3
44e1d05b → en3
d05b8fe6a0 → en3
d05b8fe6a1 →
mei.lin+shop@example.org → en4
mei.lin → en4
@mei_lin → en4
mei_lin → en4
meilin → en4
lin+shop@exam → en4
+49 170 1234567 → en4
0170 1234567 → en4
+491701234567 → en4
170-1234567 → en4
1234567 → en4
1234568 →
# in quotes: word for word
"arrived yesterday" → en2
"yesterday arrived" →
"deliv" →
"deliver it" → en1
"order" → en2
"我的订单" → zh1
"订单我的" →
"手机壳有货" → zh2
# odd lines
parcel wallet →
??? →
a → fr1 tr1
" →
AND OR NOT →
NEAR(parcel) →
parcel* → en1
pa'rcel → en1
par"cel →
words:parcel →
-parcel → en1
"""
"""What is looked for, and where it has to be found: there, and nowhere else."""


def cases() -> list[list[str]]:
    lines = [line for line in CASES.splitlines() if line and not line.startswith("#")]
    return [[part.strip() for part in line.split("→")] for line in lines]


@pytest.fixture(scope="module")
def memory() -> Memory:
    made = Memory()
    for n, (_, text) in enumerate(SAID.items()):
        of = leg(n, who=f"person{n}", length=1)
        made.put(of, [entry(of, 1, text)])
    return made


@pytest.mark.parametrize(("line", "names"), cases())
def test_what_is_looked_for_is_found_there_and_nowhere_else(
    memory: Memory, line: str, names: str
) -> None:
    """An agent would take what is not shown for never said."""
    found = {list(SAID)[int(leg.split("-")[0][-6:])] for leg, _ in memory.places(line)}

    assert found == set(names.split())


@pytest.mark.parametrize("line", ["wallet", "00871", "cel", "deliv"])
def test_page_by_page_the_same_is_found_as_at_once(memory: Memory, line: str) -> None:
    """Where the first page found nothing yet, parts of words would never be looked for."""
    at_once = memory.places(line)
    hurried = Memory()
    for n, (_, text) in enumerate(SAID.items()):
        hurried.put(of := leg(n, who=f"person{n}", length=1), [entry(of, 1, text)])
    hurried.clock = count().__next__  # each page ends as soon as it can

    assert not hurried.find(line).rows
    assert hurried.places(line) == at_once


def test_the_newest_comes_first(memory: Memory) -> None:
    """Agents look for what was said of late."""
    assert [one.split("-")[0][-2:] for one, _ in memory.places("arrived")] == ["01", "00"]


def test_what_was_found_is_marked_in_its_surroundings(memory: Memory) -> None:
    """An agent would have to open each message to see why it was found."""
    long = leg(100, length=1)
    memory.put(long, [entry(long, 1, "first words. " * 40 + "the Zürich parcels " + "last " * 80)])

    [row] = memory.find("zurich parc").rows
    memory.remove(long.id)

    assert isinstance(row, MessageHit)
    text = row.snippet.text
    marked = [text[hit.start : hit.start + hit.length] for hit in row.snippet.hits]
    assert marked == ["Zürich", "parcels"]
    assert len(text) <= 180
    assert row.snippet.cut


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("北京", ["北京"]),
        ("京", ["京"]),
        ("iphone手机", ["iPhone手机"]),
        ("00871", ["00871"]),
        ("24-0087", ["2024-00871"]),
        ('"parcel 2024"', ["parcel 2024"]),
    ],
)
def test_marks_are_where_the_words_are(memory: Memory, line: str, marked: list[str]) -> None:
    """A mark that is off by one makes the page look broken."""
    row = memory.find(line).rows[-1]

    assert isinstance(row, MessageHit)
    text = row.snippet.text
    assert [text[hit.start : hit.start + hit.length] for hit in row.snippet.hits] == marked


def test_words_of_one_message_narrow_what_is_found_by_sender_inbox_and_place() -> None:
    """In ten thousand answers to "refund" nobody finds the one from the mailbox."""
    memory = Memory()
    for n, (account, who, status) in enumerate(
        [
            ("bot", "mei", Status.OPEN),
            ("mail", "jonas", Status.CLOSED),
            ("mail", "mei", Status.WAITING_CUSTOMER),
        ]
    ):
        of = leg(n, account=account, who=who, status=status, length=2)
        answer = entry(of, 2, "refund sent", direction=Direction.OUT)
        memory.put(of, [entry(of, 1, "refund please"), answer], person(of, handle=f"the_{who}"))

    def legs(line: str) -> str:
        return " ".join(f"{one[25]}.{position}" for one, position in memory.places(line))

    assert legs("refund inbox:mail") == "2.2 2.1 1.2 1.1"
    assert legs("refund from:jonas") == "1.1"
    assert legs("from:the_mei") == "2.1 0.1"
    assert legs("refund from:ines in:closed") == "1.2"
    assert legs("in:waiting refund please") == "2.1"
    assert legs("refund in:spam") == ""


def test_people_are_found_by_all_that_they_are_called() -> None:
    """A customer on the phone gives a name; the next one an address."""
    memory = Memory()
    mei = leg(0, who="mei.lin@example.org", name="林美 Mei Lin")
    jonas = leg(1, who="6104882371", name="Jonas Weiß")
    memory.put(mei, (), person(mei))
    memory.put(jonas, (), person(jonas, handle="jonas_w"))

    def names(line: str) -> list[str]:
        rows = memory.find(line, "people").rows
        return [row.name for row in rows if isinstance(row, PersonHit)]

    for line in ("mei", "林美", "美", "lin mei", "mei.lin@exam", "lin@example", "example.org"):
        assert names(line) == ["林美 Mei Lin"], line
    for line in (
        "jonas",
        "weiss",
        "Weiß",
        "jonas_w",
        "@jonas_w",
        "610488",
        "82371",
        str(jonas.author),
    ):
        assert names(line) == ["Jonas Weiß"], line
    assert names("mei jonas") == []


def test_a_conversation_is_found_once_by_what_any_of_its_legs_is_called() -> None:
    """Two lines of one customer are one piece of work."""
    memory = Memory()
    first, second = leg(0, title="Broken lamp"), leg(1, who="jonas", conversation=0)
    memory.put(first)
    memory.put(second)

    for line in ("lamp", "jonas", first.number, second.number, second.id, "mei broken"):
        rows = memory.find(line, "conversations").rows
        found = [row.number for row in rows if isinstance(row, ConversationHit)]
        assert found == [first.number], line


def test_what_an_edited_message_said_before_is_found() -> None:
    """Agents can read what a message said before; a customer who edits a promise away leaves it."""
    memory = Memory()
    of = leg(0, length=1)
    memory.put(of, [entry(of, 1, "forty euros")])
    memory.put(of, [entry(of, 1, "fifty euros", before=["forty euros"])])

    assert memory.places("forty") == memory.places("fifty") == [(of.id, 1)]
    assert memory.places('"fifty euros"') == [(of.id, 1)]


def test_a_platforms_own_id_of_a_message_finds_it() -> None:
    """Who has a Message-ID from a mail server's log would look for it in vain."""
    memory = Memory()
    of = leg(0, length=1)
    remote = "<CAF1x.77-abc@mail.example.org>"
    memory.put(of, [entry(of, 1, "hello", refs=(remote, "42"))])

    assert memory.places(remote) == [(of.id, 1)]
    assert memory.places("42") == []


@pytest.mark.parametrize("after", ["f9999999999999999999", "-9999999999999999999", "x"])
def test_a_cursor_that_was_never_given_is_refused(memory: Memory, after: str) -> None:
    """What SQLite cannot hold would be our mistake, not the asker's."""
    with pytest.raises(InvalidRequest, match="cursor"):
        memory.find("parcel", after=after)


def test_an_answer_on_a_busy_machine_is_late_and_not_short() -> None:
    """An agent would be told of nothing in the newest messages where there are three at all."""
    memory = Memory()
    for n in range(3):
        of = leg(100 * n, length=1)
        memory.put(of, [entry(of, 1, "hello")])
    stalls = iter(range(20))

    def stall() -> None:
        if next(stalls, None) is not None:
            time.sleep(0.005)  # another process has the processor

    memory.db.set_progress_handler(stall, 10)

    page = memory.find("hello")

    assert next(stalls, None) is None
    assert (len(page.rows), page.next) == (3, "")
