"""Polls, and what people voted."""

from adapters.discord.objects.attachment import NamedEmoji
from adapters.discord.objects.fields import ABSENT, Copy, Count, Lost, Read, Time


class PollMedia(Read, frozen=True, kw_only=True):
    text: str | None = None
    emoji: NamedEmoji | None = None


class PollAnswer(Read, frozen=True, kw_only=True):
    answer_id: int = 0
    poll_media: PollMedia = PollMedia()


class AnswerCount(Read, frozen=True, kw_only=True):
    id: int = 0
    count: Count = 0
    me_voted: Copy = ABSENT
    """A bot cannot vote."""


class PollResults(Read, frozen=True, kw_only=True):
    is_finalized: bool = False
    answer_counts: tuple[AnswerCount, ...] = ()


class Poll(Read, frozen=True, kw_only=True):
    question: PollMedia = PollMedia()
    answers: tuple[PollAnswer, ...] = ()
    expiry: Time | None = None
    allow_multiselect: bool = False
    layout_type: Lost = None
    results: PollResults | None = None

    @property
    def is_over(self) -> bool:
        return self.results is not None and self.results.is_finalized
