"""A walk past every route of Discord's API that the sandbox has, each asked with success."""

from typing import Any

from sandbox.discord.kinds import PRIVILEGED, Permission
from sandbox.server import Sandbox
from tests.rigs.discord_rest import Rest

COMMAND = {
    "name": "ticket",
    "description": "Open a conversation",
    "options": [{"type": 3, "name": "subject", "description": "What it is about"}],
}
BUTTONS = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}]
MODAL = {
    "custom_id": "intake",
    "title": "Tell us",
    "components": [
        {
            "type": 1,
            "components": [{"type": 4, "custom_id": "why", "style": 2, "label": "What happened?"}],
        }
    ],
}
EMBED = {
    "title": "Parcel",
    "fields": [{"name": "State", "value": "on its way"}],
    "footer": {"text": "Acme"},
}


async def walk(sandbox: Sandbox, rest: Rest) -> None:
    """Ask everything."""
    state = sandbox.world.discord
    sandbox.discord.grant(PRIVILEGED)
    bot = state.guild.roles[state.guild.members[state.applications[0].id].roles[0]]
    bot.permissions |= Permission.MANAGE_CHANNELS | Permission.PIN_MESSAGES
    await _account(rest)
    await _guild(rest, str(state.guild.id), str(state.user("mei").id))
    await _messages(rest, f"/channels/{state.channel('support').id}", sandbox)
    await _threads(rest, sandbox)
    await _commands(rest, f"/applications/{state.applications[0].id}", str(state.guild.id))
    await _interactions(rest, sandbox)


async def _account(rest: Rest) -> None:
    paths = ("/users/@me", "/applications/@me", "/oauth2/applications/@me", "/gateway")
    for path in (*paths, "/gateway/bot", "/users/@me/guilds"):
        await rest.done("GET", path)
    person = str(rest.sandbox.world.discord.user("mei").id)
    await rest.done("GET", f"/users/{person}")
    direct = await rest.done("POST", "/users/@me/channels", {"recipient_id": person})
    await rest.done("GET", f"/channels/{direct['id']}")
    await rest.done("DELETE", f"/channels/{direct['id']}")


async def _guild(rest: Rest, guild: str, person: str) -> None:
    for path in ("?with_counts=true", "/channels", "/roles", "/threads/active"):
        await rest.done("GET", f"/guilds/{guild}{path}")
    await rest.done("GET", f"/guilds/{guild}/members?limit=10")
    await rest.done("GET", f"/guilds/{guild}/members/search?query=mei")
    await rest.done("GET", f"/guilds/{guild}/members/{person}")
    made = await rest.done("POST", f"/guilds/{guild}/channels", {"name": "side-room"})
    await rest.done("PATCH", f"/channels/{made['id']}", {"topic": "A side room"})
    await rest.done("DELETE", f"/channels/{made['id']}")


async def _messages(rest: Rest, channel: str, sandbox: Sandbox) -> None:
    messages = channel + "/messages"
    hers = sandbox.discord.say("mei", "Where is my parcel?", "support")
    answer = {"content": "Soon <@1>", "embeds": [EMBED], "components": BUTTONS, "nonce": "n1"}
    reply = {"message_reference": {"message_id": str(hers.id)}}
    first = await rest.done("POST", messages, answer | reply)
    upload = {"attachments": [{"id": 0, "description": "A list"}]}
    file = await rest.done("POST", messages, upload, {"list.txt": b"one, two"})
    urls = [file["attachments"][0]["url"]]
    await rest.done("POST", "/attachments/refresh-urls", {"attachment_urls": urls})
    one = f"{messages}/{first['id']}"
    await rest.done("PATCH", one, {"content": "Tomorrow", "components": []})
    for path in ("", "?limit=2", f"?after={hers.id}", f"?around={hers.id}"):
        await rest.done("GET", messages + path)
    await _reactions(rest, one)
    await rest.done("GET", one)
    await rest.done("POST", channel + "/typing")
    for pins in (channel + "/messages/pins", channel + "/pins"):
        await rest.done("PUT", f"{pins}/{first['id']}")
        await rest.done("GET", pins)
        await rest.done("DELETE", f"{pins}/{first['id']}")
    await _poll(rest, channel)
    await rest.done("DELETE", one)
    two = [(await rest.said("support", text))["id"] for text in "ab"]
    await rest.done("POST", messages + "/bulk-delete", {"messages": two})


async def _reactions(rest: Rest, message: str) -> None:
    thumb = message + "/reactions/%F0%9F%91%8D"
    state = rest.sandbox.world.discord
    await rest.done("PUT", thumb + "/@me")
    await rest.done("GET", thumb)
    await rest.done("GET", message)
    await rest.done("DELETE", thumb + "/@me")
    await rest.done("DELETE", f"{thumb}/{state.user('mei').id}")
    await rest.done("DELETE", thumb)
    await rest.done("DELETE", message + "/reactions")


async def _poll(rest: Rest, channel: str) -> None:
    answers = [{"poll_media": {"text": text}} for text in ("yes", "no")]
    poll = {"question": {"text": "Better?"}, "answers": answers, "duration": 1}
    made = await rest.done("POST", channel + "/messages", {"poll": poll})
    await rest.done("GET", f"{channel}/polls/{made['id']}/answers/1")
    await rest.done("POST", f"{channel}/polls/{made['id']}/expire")


async def _threads(rest: Rest, sandbox: Sandbox) -> None:
    state = sandbox.world.discord
    support = f"/channels/{state.channel('support').id}"
    said = sandbox.discord.say("jonas", "It is broken", "support")
    under = await rest.done("POST", f"{support}/messages/{said.id}/threads", {"name": "broken"})
    alone = await rest.done("POST", f"{support}/threads", {"name": "private", "type": 12})
    forum = f"/channels/{state.channel('questions').id}"
    post = {"name": "How?", "message": {"content": "Like this"}, "applied_tags": []}
    await rest.done("POST", f"{forum}/threads", post, {"how.txt": b"so"})
    news = f"/channels/{state.channel('announcements').id}"
    state.channel("announcements").overwrites.clear()
    told = await rest.said("announcements", "News")
    await rest.done("POST", f"{news}/messages/{told['id']}/crosspost")
    await _thread_members(rest, f"/channels/{under['id']}", str(state.user("mei").id))
    for thread in (under, alone):
        await rest.done("PATCH", f"/channels/{thread['id']}", {"archived": True, "locked": True})
    await rest.done("GET", f"{support}/threads/archived/public")
    await rest.done("GET", f"{support}/threads/archived/private")
    await rest.done("GET", f"{support}/users/@me/threads/archived/private")
    await rest.done("GET", f"/guilds/{state.guild.id}/threads/active")
    await rest.done("GET", f"{support}/messages/{said.id}")


async def _thread_members(rest: Rest, thread: str, person: str) -> None:
    members = thread + "/thread-members"
    await rest.done("DELETE", members + "/@me")
    await rest.done("PUT", members + "/@me")
    await rest.done("PUT", f"{members}/{person}")
    await rest.done("GET", f"{members}/{person}?with_member=true")
    await rest.done("GET", members)
    await rest.done("DELETE", f"{members}/{person}")


async def _commands(rest: Rest, application: str, guild: str) -> None:
    for path in (f"{application}/commands", f"{application}/guilds/{guild}/commands"):
        await rest.done("PUT", path, [COMMAND, {"name": "Hand to support", "type": 3}])
        made = await rest.done("POST", path, COMMAND | {"name": "status"})
        one = f"{path}/{made['id']}"
        await rest.done("PATCH", one, {"description": "Ask how it stands"})
        await rest.done("GET", one)
        await rest.done("DELETE", one)
        await rest.done("GET", path)


async def _interactions(rest: Rest, sandbox: Sandbox) -> None:
    application = sandbox.world.discord.applications[0].id
    slash = sandbox.discord.slash("mei", "ticket", {"subject": "parcel"}, "support")
    message = {"type": 4, "data": {"content": "Taken", "components": BUTTONS}}
    await rest.done("POST", _callback(slash) + "?with_response=true", message)
    hook = f"/webhooks/{application}/{slash.token}"
    more = await rest.done("POST", hook, {"content": "More", "flags": 64})
    for which in ("@original", more["id"]):
        await rest.done("PATCH", f"{hook}/messages/{which}", {"content": "Changed"})
        await rest.done("GET", f"{hook}/messages/{which}")
    await rest.done("DELETE", f"{hook}/messages/{more['id']}")
    assert slash.original is not None
    pressed = sandbox.discord.press("mei", slash.original, "go")
    await rest.done("POST", _callback(pressed), {"type": 9, "data": MODAL})
    sent = sandbox.discord.submit("mei", pressed, {"why": "It fell"})
    await rest.done("POST", _callback(sent) + "?with_response=1", {"type": 5})
    late = f"/webhooks/{application}/{sent.token}/messages/@original"
    await rest.done("PATCH", late, {"content": "Thank you"})
    await rest.done("DELETE", late)


def _callback(interaction: Any) -> str:
    return f"/interactions/{interaction.id}/{interaction.token}/callback"
