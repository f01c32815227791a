"""Where files are fetched: at addresses that are signed and expire."""

from aiohttp import web

from sandbox.discord.links import file_id
from sandbox.discord.rest.answers import fail_before
from sandbox.discord.rest.refusals import Refusal
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
        ]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file, unless its address is over or was never good."""
        self._world.journal.count(PLATFORM, METHOD)
        target = request.match_info["channel_id"]
        fault = self._world.faults.take(PLATFORM, METHOD, target)
        try:
            broken = await fail_before(fault, request, None) if fault else None
        except Refusal as refusal:
            return web.Response(status=refusal.status, text=GONE)
        if broken is not None:
            return broken
        query = request.query
        signed = (query.get("ex", ""), query.get("is", ""), query.get("hm", ""))
        if not self._state.links.valid(request.rel_url.raw_path, *signed):
            return web.Response(status=404, text=GONE)
        stored = self._state.files.get(file_id(request.rel_url.raw_path) or 0)
        if stored is None or stored.lost:
            return web.Response(status=404, text=GONE)
        media_type = (stored.media_type or "application/octet-stream").partition(";")[0]
        return await deliver(fault, request, stored.content, media_type)
