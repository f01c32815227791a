"""What is wrong with a webhook, in words that name the remedy and no stranger's secret."""

from adapters.telegram.line.api import WebhookInfo
from adapters.telegram.line.registration import PENDING_NORMAL, trouble

URL = "https://support.example.com/hooks/tg"
FINE = WebhookInfo(url=URL)


def test_a_webhook_that_stands_is_nothing_to_talk_of() -> None:
    failed_long_ago = WebhookInfo(url=URL, last_error_date=5, last_error_message="timed out")

    assert trouble(FINE, FINE, URL) == ""
    assert trouble(failed_long_ago, failed_long_ago, URL) == ""


def test_a_failure_since_the_last_look_is_told_in_telegrams_words() -> None:
    now = WebhookInfo(url=URL, last_error_date=5, last_error_message="Connection refused")

    assert "could not deliver to https://support.example.com/hooks/tg (Connection refused)" in (
        trouble(FINE, now, URL)
    )


def test_a_queue_is_told_of_only_while_it_grows_beyond_what_is_normal() -> None:
    few, many, more = (
        WebhookInfo(url=URL, pending_update_count=count)
        for count in (PENDING_NORMAL, PENDING_NORMAL + 1, PENDING_NORMAL + 2)
    )

    assert trouble(FINE, few, URL) == ""
    assert trouble(more, many, URL) == ""
    assert "12 updates wait" in trouble(many, more, URL)


def test_of_another_address_only_the_host_is_told() -> None:
    theirs = WebhookInfo(url="https://other.example.net/bot/123:SECRET")

    told = trouble(FINE, theirs, URL)

    assert "was set to other.example.net" in told
    assert "SECRET" not in told


def test_a_webhook_that_was_deleted_is_told_of() -> None:
    assert "was deleted" in trouble(FINE, WebhookInfo(), URL)
