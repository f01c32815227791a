"""A wrong setting is told before anything runs, and no print of the settings shows the token."""

import pytest

from adapters.telegram.settings import TelegramSettings
from core.model.secret import Secret


def test_the_token_is_not_shown() -> None:
    assert "tok-en" not in repr(TelegramSettings(token=Secret("1:tok-en")))


@pytest.mark.parametrize(
    "url",
    ["", "api.telegram.org", "ftp://x", "https://", "https://h/?q=1", "http://h:x", "http://[::1"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="api_url must be an address"):
        TelegramSettings(token=Secret("1:x"), api_url=url)


@pytest.mark.parametrize("token", ["", "123456", "1:x y", "1:x/../../file", "x:1\n"])
def test_a_token_that_cannot_be_one_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ValueError, match="token must be what @BotFather gave") as caught:
        TelegramSettings(token=Secret(token))

    assert not token or token not in str(caught.value)
