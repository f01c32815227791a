"""The commands and menus of the bot, as they are registered with Discord. Pure.

Discord hides from people what `default_member_permissions` and `contexts` withhold. That is a
courtesy: who may do what is decided when it is asked for.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from adapters.discord.community.asking import CommandKind
from adapters.discord.community.rights import NEEDED
from adapters.discord.settings import CommunitySettings

NAME: Final = re.compile(r"[-_a-z0-9]{1,32}")
"""Of a slash command and its options, as far as these here make use of what Discord allows."""

NUMBER_MAX: Final = 20
CODE_MAX: Final = 40
SUBJECT_MAX: Final = 100
NOTE_MAX: Final = 1000

_GUILD, _DIRECT = 0, 1
_TEXT, _PERSON = 3, 6
_TO_GUILD = 0


class Name(StrEnum):
    """What is asked for by its name. The menus' names are what people read."""

    SUPPORT = "support"
    STATUS = "status"
    LINK = "link"
    TICKET = "ticket"
    OPEN = "Open a conversation"
    HAND = "Hand to support"


_IN_OTHER_WORDS: Final[dict[str, dict[str, str]]] = {
    Name.OPEN: {
        "de": "Ein Gespräch eröffnen",
        "fr": "Ouvrir une conversation",
        "es-ES": "Abrir una conversación",
    },
    Name.HAND: {
        "de": "An den Support geben",
        "fr": "Transmettre au support",
        "es-ES": "Pasar a soporte",
    },
    "Ask our team something, in private": {
        "de": "Unser Team etwas fragen, unter vier Augen",
        "fr": "Demander quelque chose à notre équipe, en privé",
        "es-ES": "Preguntar algo a nuestro equipo, en privado",
    },
    "See where your questions stand": {
        "de": "Sehen, wie es um deine Fragen steht",
        "fr": "Voir où en sont vos questions",
        "es-ES": "Ver en qué punto están tus preguntas",
    },
    "Prove that you are the same person on another channel": {
        "de": "Nachweisen, dass du auf einem anderen Kanal dieselbe Person bist",
        "fr": "Prouver que vous êtes la même personne sur un autre canal",
        "es-ES": "Demostrar que eres la misma persona en otro canal",
    },
    "Write to a member in private, for community managers": {
        "de": "Einem Mitglied unter vier Augen schreiben, für Community-Manager",
        "fr": "Écrire à un membre en privé, pour les gestionnaires",
        "es-ES": "Escribir a un miembro en privado, para gestores de la comunidad",
    },
}


def everybody_anywhere() -> tuple[dict[str, Any], ...]:
    """What people may ask for in direct messages as well, which only global commands reach."""
    number = _text("number", "The number of a conversation, like T-7KQ4-M", NUMBER_MAX)
    code = _text("code", "The code you were shown on the other channel", CODE_MAX)
    both = {"contexts": [_GUILD, _DIRECT]}
    return (
        _slash(Name.SUPPORT, "Ask our team something, in private") | both,
        _slash(Name.STATUS, "See where your questions stand", number) | both,
        _slash(Name.LINK, "Prove that you are the same person on another channel", code) | both,
    )


def in_guilds(community: CommunitySettings) -> tuple[dict[str, Any], ...]:
    """What is asked for where others are."""
    member = {
        "type": _PERSON,
        "name": "member",
        "description": "To whom",
        "required": True,
    }
    subject = _text("subject", "What it is about; they read it", SUBJECT_MAX) | {"required": True}
    note = _text("note", "For our team; they never see it", NOTE_MAX)
    what = "Write to a member in private, for community managers"
    guild = {"contexts": [_GUILD]}
    return (
        _slash(Name.TICKET, what, member, subject, note) | guild | _for_managers(community),
        _menu(Name.OPEN) | guild,
        _menu(Name.HAND) | guild | _for_managers(community),
    )


def registered_as(
    known: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]] | None:
    """What is to be registered, given what is: ours as wanted, others' as they are. None: nothing
    would change.
    """
    ours = {(name.value, _kind(name)) for name in Name}
    known = list(known)
    others = [dict(one) for one in known if (one.get("name"), one.get("type", 1)) not in ours]
    have = sorted(
        (_facts(one) for one in known if (one.get("name"), one.get("type", 1)) in ours), key=repr
    )
    if have == sorted((_facts(one) for one in wanted), key=repr):
        return None
    kept: list[dict[str, Any]] = [
        {key: one[key] for key in (*_FACTS, "id", "handler") if key in one} for one in others
    ]
    return [*kept, *(dict(one) for one in wanted)]


_FACTS: Final = (
    "name",
    "type",
    "description",
    "options",
    "contexts",
    "default_member_permissions",
    "name_localizations",
    "description_localizations",
    "integration_types",
    "nsfw",
)


def _facts(command: Mapping[str, Any]) -> dict[str, Any]:
    """What of a command is told by us and told back by Discord, without what goes without saying:
    it leaves out what is empty or the default, or says null or false.
    """
    told = {key: _plain(command.get(key)) for key in _FACTS}
    return {key: value for key, value in told.items() if value not in (None, False, "", [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        found = {key: _plain(one) for key, one in sorted(value.items())}
        return {key: one for key, one in found.items() if one not in (None, False, "", [], {})}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _kind(name: Name) -> int:
    return CommandKind.MESSAGE if name in (Name.OPEN, Name.HAND) else CommandKind.SLASH


def _slash(name: Name, description: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": int(CommandKind.SLASH),
        "name": name.value,
        "description": description,
        "description_localizations": _IN_OTHER_WORDS[description],
        "options": list(options),
        "integration_types": [_TO_GUILD],
    }


def _menu(name: Name) -> dict[str, Any]:
    return {
        "type": int(CommandKind.MESSAGE),
        "name": name.value,
        "name_localizations": _IN_OTHER_WORDS[name],
        "integration_types": [_TO_GUILD],
    }


def _text(name: str, description: str, length_max: int) -> dict[str, Any]:
    return {"type": _TEXT, "name": name, "description": description, "max_length": length_max}


def _for_managers(community: CommunitySettings) -> dict[str, Any]:
    """Shown to who may moderate messages; to everybody where a role makes a manager, of which
    Discord is told only by a guild's own administrators, in its settings.
    """
    if community.manager_roles or not community.manager_permission:
        return {}
    return {"default_member_permissions": str(int(NEEDED))}
