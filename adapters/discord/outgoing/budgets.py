"""What a call into a channel draws on. Pure.

Discord allows a bot 50 calls a second, and five messages in five seconds in a channel; both are
told in the headers of its answers, and may change. Keeping below them means that a message waits
here, where it is known that it waits, rather than in a queue of the library's.
"""

from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.ports import Budget


def budgets(place: Place, settings: DiscordSettings) -> tuple[Budget, ...]:
    """The account's and the channel's: a thread is a channel of its own."""
    account = Budget(
        name="account", per_second=settings.account_per_second, burst=settings.account_burst
    )
    channel = Budget(
        name=f"channel:{place.channel}",
        per_second=settings.channel_per_second,
        burst=settings.channel_burst,
    )
    return account, channel
