"""What a storm does to the platforms of a history: by chance, or to everything for a while."""

from collections.abc import Callable
from typing import Any, Final

from sandbox.discord.weather import discord_storm
from sandbox.faults import Chance, Fault, Storm
from sandbox.faults import Kind as Wrong
from sandbox.mail.weather import mail_storm
from tests.crash.telegram_customers import telegram_storm
from tests.histories.plan import Kind

SLOW_SECONDS: Final = 0.3
ON_HTTP: Final = ("telegram", "discord")
ON_MAIL: Final = ("smtp", "imap")


def limits_storm(seed: int) -> Storm:
    """More is refused than taken: with a hint when to come again, without one, as a page."""
    limits: list[Chance] = []
    for platform in ON_HTTP:
        limits += [
            _chance(platform, Wrong.RATE_LIMIT, 0.25, retry_after=1),
            _chance(platform, Wrong.RATE_LIMIT, 0.25, retry_after=0),
            _chance(platform, Wrong.RATE_LIMIT, 0.2, retry_after=0, html=True),
        ]
    limits += [_chance(platform, Wrong.RATE_LIMIT, 0.2) for platform in ON_MAIL]
    return Storm(seed, limits)


def pages_storm(seed: int) -> Storm:
    """Something in between answers with a page: that there is an error, or that all is well."""
    return Storm(
        seed,
        [
            _chance(platform, Wrong.SERVER_ERROR, 0.3, html=True, status=status)
            for platform in ON_HTTP
            for status in (200, 502)
        ],
    )


STORMS: Final[dict[Kind, Callable[[int], Storm]]] = {
    Kind.TELEGRAM_STORM: lambda seed: telegram_storm(seed, slow_seconds=SLOW_SECONDS),
    Kind.MAIL_STORM: lambda seed: mail_storm(seed, slow_seconds=SLOW_SECONDS),
    Kind.DISCORD_STORM: lambda seed: discord_storm(
        seed, slow_seconds=SLOW_SECONDS, malformed=False, lost=bool(seed % 2)
    ),
    Kind.LIMITS: limits_storm,
    Kind.PAGES: pages_storm,
}


def of_mail(wrong: Wrong) -> list[Fault]:
    """The same for every command to the mail host, from the first one on."""
    return [
        Fault(platform, method, wrong, count=0, seconds=0.0)
        for platform in ON_MAIL
        for method in ("connect", "*")
    ]


def twice() -> list[Fault]:
    """All that is told of Telegram and Discord is told two times."""
    return [
        Fault("telegram", "update", Wrong.DUPLICATE, count=0),
        Fault("discord", "gateway.*", Wrong.DUPLICATE, count=0),
    ]


def _chance(platform: str, wrong: Wrong, probability: float, **more: Any) -> Chance:
    return Chance(Fault(platform, "*", wrong, **more), probability)
