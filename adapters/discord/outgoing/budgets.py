"""What a call into a channel draws on. Pure.

Discord allows a bot 50 calls in any second. In a channel it usually takes five messages in five
seconds, tells so in the headers of its answers, and may change it: the library's buckets keep to
that. A budget lets what is too much wait here before, where it is known that it waits.
"""

from adapters.discord.places import Place
from adapters.discord.settings import DiscordSettings
from core.ports import WHOLE_ACCOUNT, Budget


def budgets(place: Place, settings: DiscordSettings) -> tuple[Budget, ...]:
    """The account's and the channel's: a thread is a channel of its own."""
    account = Budget(
        name=WHOLE_ACCOUNT, per_second=settings.account_per_second, burst=settings.account_burst
    )
    channel = Budget(
        name=f"channel:{place.channel}",
        per_second=settings.channel_per_second,
        burst=settings.channel_burst,
    )
    return account, channel
