"""setMessageReaction."""

from sandbox.payload import Json
from sandbox.telegram.call import Call
from sandbox.telegram.refusals import bad_request
from sandbox.telegram.state import Message, TelegramState
from sandbox.telegram.targets import named_message, open_chat

# https://core.telegram.org/bots/api#reactiontypeemoji
FREE_TEXT = """
👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌
🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘
🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡
"""
FREE = frozenset(FREE_TEXT.split())
SELECTOR = "\N{VARIATION SELECTOR-16}"


async def set_message_reaction(state: TelegramState, call: Call) -> bool:
    """Set or clear the bot's reaction; a bot may have one."""
    chat = open_chat(state, call)
    message = named_message(chat, call, "react")
    reactions = call.json_objects("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if not all(_allowed(message, reaction) for reaction in reactions):
        raise bad_request("REACTION_INVALID")
    message.reactions[call.bot.id] = reactions
    state.changed("telegram.reaction", chat, message.id)
    return True


def _allowed(message: Message, reaction: Json) -> bool:
    """Emoji of Telegram's list, with or without selectors; a custom one that is there already."""
    if reaction.get("type") == "emoji":
        return str(reaction.get("emoji")).replace(SELECTOR, "") in FREE
    there = [one for given in message.reactions.values() for one in given]
    return reaction.get("type") == "custom_emoji" and reaction in there
