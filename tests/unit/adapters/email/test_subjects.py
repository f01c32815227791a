"""Subjects: the marks of answers and forwards, in the languages of mail programs."""

import pytest

from adapters.email.subjects import is_answer, is_forward, topic

ANSWERS = (
    "Re: x|RE : x|re[2]: x|Re: Re: x|AW: x|Antw: x|SV: x|VS: x|R: x|RIF: x|RES: x|Odp: x|YNT: x"
    "|Vá: x|ΑΠ: x|Atb: x|回复：x|答复: x|回覆: x|返信: x|답장: x|회신: x|رد: x|Ответ: x|השב: x"
    "|Trả lời: x|[EXTERNAL] RE: x|[EXT] AW: x|Re: [T-KRVN-P] x|[T-KRVN-P] Re: x"
)
FORWARDS = (
    "Fwd: x|FW: x|Fw : x|WG: x|TR : x|RV: x|ENC: x|I: x|VB: x|PD: x|İLT: x|ΠΡΘ: x|转发：x|轉寄: x"
    "|転送: x|전달: x|TRS: x|[EXTERNAL] FW: x|[EXTERN] WG: x"
)


@pytest.mark.parametrize("subject", ANSWERS.split("|"))
def test_the_mark_of_an_answer_is_no_part_of_what_it_is_about(subject: str) -> None:
    """Agents would read conversations called "RES: AW: R: deposit"."""
    assert topic(subject) == "x"
    assert not is_forward(subject)
    assert is_answer(subject) or "[T-" in subject[:3]


@pytest.mark.parametrize("subject", FORWARDS.split("|"))
def test_a_forward_is_known_by_its_own_mark(subject: str) -> None:
    """Taken for an answer, the mail that it passes on would be folded away."""
    assert is_forward(subject)
    assert not is_answer(subject)
    assert is_forward(topic(subject))


@pytest.mark.parametrize(
    "subject", ["Refund", "Resend: the mail", "Residence permit", "Realm: x", "[EXTRA] x", "Is it?"]
)
def test_a_word_that_begins_like_a_mark_is_none(subject: str) -> None:
    assert topic(subject) == subject
    assert not is_answer(subject)
    assert not is_forward(subject)


def test_an_answer_to_a_forward_is_an_answer() -> None:
    assert is_answer("Re: Fwd: x")
    assert not is_forward("Re: Fwd: x")
