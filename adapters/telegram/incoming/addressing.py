"""Whether what is said in a group is meant for the bot. Pure."""

from adapters.telegram.incoming.answers import answered
from adapters.telegram.incoming.content import covered
from adapters.telegram.incoming.envelope import Reader
from adapters.telegram.objects.message import Written
from adapters.telegram.settings import GroupPolicy
from core.model.content import Part, Span, Style


def is_for_us(message: Written, parts: tuple[Part, ...], reader: Reader, album: str = "") -> bool:
    """Forwarded and edited messages are judged by what they say like any other, files of an
    `album` like its first.
    """
    match reader.groups:
        case GroupPolicy.ALL:
            return True
        case GroupPolicy.NONE:
            return False
        case GroupPolicy.ADDRESSED:
            if album in reader.albums:
                return True
            found = answered(message)
            if found and found.from_ and found.from_.id == reader.bot_id:
                return True
            return any(_addresses(span, text, reader) for span, text in covered(parts))


def _addresses(span: Span, text: str, reader: Reader) -> bool:
    """`/command` is for every bot, `/command@name` and `@name` for the one of that name."""
    name = text.rpartition("@")[2].lower() if "@" in text else ""
    named = bool(name) and name == reader.bot_username.lower()
    if span.style is Style.COMMAND:
        return named or not name
    return span.style is Style.MENTION and (named or span.value == str(reader.bot_id))
