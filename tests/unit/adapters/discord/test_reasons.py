"""A refusal says what it means and what would help."""

import pytest

from adapters.discord.outgoing.reasons import (
    is_archived,
    is_gone,
    reason_of,
    refuses_emoji,
)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (50007, "dm_closed"),
        (50278, "dm_closed"),
        (50001, "no_access"),
        (50013, "not_allowed"),
        (10003, "channel_not_found"),
        (10008, "gone"),
        (40005, "too_large"),
        (50083, "thread_archived"),
        (160005, "thread_locked"),
        (160002, "no_history"),
        (20028, "slow_mode"),
        (200000, "moderated"),
        (520003, "not_changeable"),
    ],
)
def test_what_discord_refuses_by_number_has_a_word_and_a_remedy(code: int, word: str) -> None:
    reason = reason_of(code)

    assert reason is not None
    assert reason.code == word
    assert len(reason.words) > 20


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"components.0.components.1.url": "URL_TYPE_INVALID_SCHEME"}, "bad_button"),
        ({"embeds.0.url": "URL_TYPE_INVALID_URL"}, "bad_card"),
        ({"content": "BASE_TYPE_MAX_LENGTH"}, "too_long"),
        ({"content": "BASE_TYPE_REQUIRED"}, "empty"),
        ({"poll.question.text": "BASE_TYPE_BAD_LENGTH"}, "bad_poll"),
        ({}, "bad_request"),
    ],
)
def test_of_a_body_that_is_wrong_it_is_said_what_is(fields: dict[str, str], word: str) -> None:
    reason = reason_of(50035, fields)

    assert reason is not None
    assert reason.code == word


def test_what_nobody_has_heard_of_is_left_to_discords_own_words() -> None:
    assert reason_of(0) is None
    assert reason_of(999999) is None


def test_what_a_caller_can_do_something_about_is_told_apart() -> None:
    assert is_gone(10008)
    assert refuses_emoji(10014)
    assert is_archived(50083)
    assert not any(told(50013) for told in (is_gone, refuses_emoji, is_archived))
