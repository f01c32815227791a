"""Where files are fetched: at addresses that are signed and expire."""

from aiohttp import web

from sandbox.discord.links import file_id
from sandbox.discord.rest.answers import fail_before
from sandbox.discord.rest.refusals import Refusal
from sandbox.discord.stickers import TYPES, file_name, picture
from sandbox.spoiling import deliver
from sandbox.world import World

PLATFORM = "discord"
METHOD = "cdn"
GONE = "This content is no longer available."


class Cdn:
    """Hands out the bytes of the world's files."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._state = world.discord

    def routes(self) -> list[web.RouteDef]:
        """The addresses of files."""
        path = "/{channel_id}/{file_id}/{name}"
        return [
            web.get("/attachments" + path, self.download),
            web.get("/ephemeral-attachments" + path, self.download),
            web.get("/stickers/{name}", self.sticker),
        ]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file, unless its address is over or was never good."""
        query, path = request.query, request.rel_url.raw_path
        signed = (query.get("ex", ""), query.get("is", ""), query.get("hm", ""))
        valid = self._state.links.valid(path, *signed)
        stored = self._state.files.get(file_id(path) or 0) if valid else None
        if stored is None or stored.lost:
            return await self._hand_out(request, None)
        media_type = (stored.media_type or "application/octet-stream").partition(";")[0]
        return await self._hand_out(request, stored.content, media_type)

    async def sticker(self, request: web.Request) -> web.StreamResponse:
        """A sticker's picture, at an address without an end."""
        name = request.match_info["name"]
        number, _, extension = name.partition(".")
        found = self._state.sticker(int(number)) if number.isdecimal() else None
        if found is None or name != file_name(found):
            return await self._hand_out(request, None)
        return await self._hand_out(request, picture(found), TYPES[extension])

    async def _hand_out(
        self, request: web.Request, content: bytes | None, media_type: str = ""
    ) -> web.StreamResponse:
        """The bytes, or that there are none, or what a fault makes of it."""
        self._world.journal.count(PLATFORM, METHOD)
        target = request.match_info.get("channel_id")
        fault = self._world.faults.take(PLATFORM, METHOD, target)
        try:
            broken = await fail_before(fault, request, None) if fault else None
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=GONE)
        if broken is not None:
            return broken
        if content is None:
            return web.Response(status=404, text=GONE)
        return await deliver(fault, request, content, media_type, None)
