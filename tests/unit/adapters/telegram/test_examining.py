"""What `trunkline doctor` makes of what Telegram says of a bot."""

from datetime import UTC, datetime

import pytest

from adapters.telegram.line.api import Me, WebhookInfo
from adapters.telegram.line.examining import failing, pending, privacy, updates
from adapters.telegram.settings import GroupPolicy

OURS, OTHERS = "https://desk.example.org/hooks/tg", "https://elsewhere.example.com/bot"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mode", "url", "hook_url", "ok", "says"),
    [
        ("polling", "", "", True, "long polling"),
        ("polling", OURS, OURS, None, "our own webhook"),
        ("polling", OTHERS, OURS, False, "another program's webhook"),
        ("webhook", OURS, OURS, True, "our webhook is set"),
        ("webhook", OTHERS, OURS, None, "another webhook is set than ours"),
        ("webhook", "", OURS, None, "the webhook is not set"),
        ("webhook", "", "", False, "needs an address"),
    ],
)
def test_updates_come_the_way_that_is_set_or_it_is_told(
    mode: str, url: str, hook_url: str, ok: bool | None, says: str
) -> None:
    """A bot whose updates go to another program is silent, and nothing else says so."""
    found = updates(WebhookInfo(url=url), mode, hook_url, None)

    assert (found.ok, bool(found.remedy)) == (ok, ok is not True)
    assert says in found.text


def test_a_webhook_that_fails_now_is_told_and_one_that_failed_is_not() -> None:
    """Telegram keeps its last failure for ever."""
    at = int(NOW.timestamp())
    new = WebhookInfo(url=OURS, last_error_date=at - 60, last_error_message="SSL error")
    old = WebhookInfo(url=OURS, last_error_date=at - 86_400, last_error_message="SSL error")

    assert ["SSL error" in one.text for one in failing(new, NOW)] == [True]
    assert not list(failing(old, NOW))


def test_updates_that_nobody_takes_are_told() -> None:
    """After a day they are gone."""
    assert pending(WebhookInfo(pending_update_count=5)).ok
    assert pending(WebhookInfo(pending_update_count=5000)).ok is None


@pytest.mark.parametrize(
    ("groups", "reads_all", "ok"),
    [
        (GroupPolicy.ALL, False, None),
        (GroupPolicy.ALL, True, True),
        (GroupPolicy.ADDRESSED, False, True),
    ],
)
def test_privacy_mode_is_told_where_it_hides_what_is_for_us(
    groups: GroupPolicy, reads_all: bool, ok: bool | None
) -> None:
    """People write in the group and nobody hears them."""
    assert privacy(Me(id=1, can_read_all_group_messages=reads_all), groups).ok is ok
