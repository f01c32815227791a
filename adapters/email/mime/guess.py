"""Which charset unlabelled 8-bit text is in, by the letters that each language uses most.

Small on purpose: it is asked only when nothing is declared, or what is declared is wrong, and UTF-8
does not fit either. Where it is not sure it says nothing.
"""

from typing import NamedTuple

SAMPLE_BYTES = 4096
HIGH_BYTES_MIN = 6
HIGH_SHARE_MIN = 0.3
SCORE_MIN = 0.3

_HANS = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过后作里用道行所"
    "然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与"
    "长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应请您谢订单包裹货寄退款单号收发客服买"
)
_HANT = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過後作裡用道行所"
    "然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與"
    "長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應請您謝訂單包裹貨寄退款單號收發客服買"
)
_HANGUL = (
    "이다는을의에가고하지도한기로은나사인리아어자시대서그일수니전보상해정들요습합세안라주있과제만게구스부여장원성우"
    "된신동비조공오면경소문무유연화관생할음국개내적었것분방중회실입출명모저계학체반진물받감송질등직님녕"
)
_KANA = "".join(map(chr, range(0x3041, 0x30FD)))
_CYRILLIC = "оеаинтсрвл"
_ARABIC = "ايلنرمتوبهدسعفكقحةجشص"
_HEBREW = "יוהלאתרשבמ"
_GREEK = "αοιετνσρπκμλςόάίέήύώ"
_THAI = "".join(map(chr, range(0x0E01, 0x0E4F)))


class _Candidate(NamedTuple):
    charset: str
    common: frozenset[str]
    usual: float
    """Which share of a text these letters are."""


CANDIDATES = (
    _Candidate("cp932", frozenset(_KANA), 0.5),
    _Candidate("euc_jp", frozenset(_KANA), 0.5),
    _Candidate("gb18030", frozenset(_HANS), 0.5),
    _Candidate("cp950", frozenset(_HANT), 0.5),
    _Candidate("cp949", frozenset(_HANGUL), 0.7),
    _Candidate("cp1251", frozenset(_CYRILLIC), 0.6),
    _Candidate("koi8_r", frozenset(_CYRILLIC), 0.6),
    _Candidate("cp1256", frozenset(_ARABIC), 0.9),
    _Candidate("cp1255", frozenset(_HEBREW), 0.6),
    _Candidate("cp1253", frozenset(_GREEK), 0.9),
    _Candidate("cp874", frozenset(_THAI), 1.0),
)


def guessed(data: bytes) -> str:
    """A charset that reads all of `data`'s beginning and makes words of it, or ""."""
    sample = _sample(data)
    high = sum(byte >= 0x80 for byte in sample)
    letters = sum(byte > 0x40 for byte in sample)
    if high < HIGH_BYTES_MIN or high < HIGH_SHARE_MIN * letters:
        return ""  # a few accents among plain letters: western
    best, best_score = "", SCORE_MIN
    for candidate in CANDIDATES:
        score = _score(sample, candidate)
        if score > best_score:
            best, best_score = candidate.charset, score
    return best


def _sample(data: bytes) -> bytes:
    """The beginning, not cut inside a character."""
    if len(data) <= SAMPLE_BYTES:
        return data
    end = data.rfind(b"\n", 0, SAMPLE_BYTES)
    return data[: end if end > 0 else SAMPLE_BYTES]


def _score(sample: bytes, candidate: _Candidate) -> float:
    try:
        text = sample.decode(candidate.charset)
    except UnicodeError:
        return 0.0
    foreign = [letter for letter in text if letter > "\x7f" and letter.isalpha()]
    if not foreign:
        return 0.0
    # Signs among the letters, and letters in pieces, speak against it.
    counted = sum(letter > "\x7f" for letter in text)
    common = sum(letter in candidate.common for letter in foreign)
    return min(common / counted / candidate.usual, 1.0)
