"""Control of what goes wrong; see sandbox/faults.py for the kinds.

GET    /control/faults      -> the rules, with `seen` and `fired`
POST   /control/faults      {platform, method, kind, nth?, count?, target?, retry_after?, seconds?,
                             status?, html?, scope?, via?, reply?, after_bytes?, code?, key?,
                             resumable?}               -> the rule with its id
DELETE /control/faults[/<id>]  clears all of them and the storms, or one
POST   /control/storms      {seed, chances: [{probability, platform, method, kind, target?, ...}],
                             calls?}                   -> the storm
POST   /control/storms/mail {seed, strength=1, slow_seconds=0.2, hangs=false}   a ready mixture of
                             all that passes, over SMTP, IMAP, tokens and DNS
POST   /control/storms/discord {seed, strength=1, slow_seconds=0.2, malformed=true, lost=false,
                             hangs=false}   the same for Discord's gateway and REST
GET    /control/storms      -> [{seed, struck: [{platform, method, call, target, kind}]}]
DELETE /control/storms      calms them all; what they did can still be read
POST   /control/unreachable {seconds, discord=false, manner="refused"}   the HTTP port (the Bot API,
                             the page and this) or Discord's is out of reach for so long; see
                             sandbox/port.py for the manners
"""

from dataclasses import asdict
from typing import Protocol

from aiohttp import web

from sandbox.control.reading import Fields, answer, read_fields
from sandbox.discord.weather import discord_storm
from sandbox.errors import ActError
from sandbox.faults import Chance, Fault, Kind, Storm
from sandbox.mail.weather import mail_storm
from sandbox.payload import Json
from sandbox.port import Manner
from sandbox.world import World

PLATFORMS = ("telegram", "discord", "smtp", "imap", "oauth", "dns")
UNREACHABLE_SECONDS_MAX = 600.0
OK = 200


class Closing(Protocol):
    """Lets a port be out of reach for so many seconds."""

    def __call__(self, seconds: float, *, discord: bool, manner: Manner) -> None: ...


class FaultControl:
    """Translates control requests into rules and storms."""

    def __init__(self, world: World, close_for: Closing) -> None:
        self._faults = world.faults
        self._close_for = close_for

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this part."""
        return [
            web.get("/control/faults", self.faults),
            web.post("/control/faults", self.add_fault),
            web.delete("/control/faults", self.clear_faults),
            web.delete("/control/faults/{id:[0-9]+}", self.clear_faults),
            web.get("/control/storms", self.storms),
            web.post("/control/storms", self.add_storm),
            web.post("/control/storms/mail", self.add_mail_storm),
            web.post("/control/storms/discord", self.add_discord_storm),
            web.delete("/control/storms", self.calm_storms),
            web.post("/control/unreachable", self.unreachable),
        ]

    async def faults(self, _request: web.Request) -> web.Response:
        """The rules in force."""
        return answer([asdict(fault) for fault in self._faults.all()])

    async def add_fault(self, request: web.Request) -> web.Response:
        """Put a rule in force."""
        fault = self._faults.add(_fault(await read_fields(request)))
        return answer(asdict(fault), status=201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Take one rule or all of them out of force."""
        fault_id = request.match_info.get("id")
        self._faults.clear(int(fault_id) if fault_id else None)
        return answer({})

    async def storms(self, _request: web.Request) -> web.Response:
        """The storms in force, and what they did."""
        return answer([_storm_view(storm) for storm in self._faults.storms])

    async def add_storm(self, request: web.Request) -> web.Response:
        """Let faults happen by chance."""
        fields = await read_fields(request)
        chances = [_chance(Fields(body)) for body in fields.objects_or_none("chances") or []]
        storm = Storm(fields.integer("seed"), chances, fields.integer("calls", 0))
        self._faults.storms.append(storm)
        return answer(_storm_view(storm), status=201)

    async def add_mail_storm(self, request: web.Request) -> web.Response:
        """Let everything that can happen to mail happen by chance."""
        fields = await read_fields(request)
        storm = mail_storm(
            fields.integer("seed"),
            fields.number("strength", 1.0),
            fields.number("slow_seconds", 0.2),
            hangs=fields.flag("hangs"),
        )
        self._faults.storms.append(storm)
        return answer(_storm_view(storm), status=201)

    async def add_discord_storm(self, request: web.Request) -> web.Response:
        """Let everything that can happen on Discord happen by chance."""
        fields = await read_fields(request)
        storm = discord_storm(
            fields.integer("seed"),
            fields.number("strength", 1.0),
            fields.number("slow_seconds", 0.2),
            malformed=fields.flag("malformed", default=True),
            lost=fields.flag("lost"),
            hangs=fields.flag("hangs"),
        )
        self._faults.storms.append(storm)
        return answer(_storm_view(storm), status=201)

    async def calm_storms(self, _request: web.Request) -> web.Response:
        """Let nothing happen by chance any more."""
        for storm in self._faults.storms:
            storm.calm()
        return await self.storms(_request)

    async def unreachable(self, request: web.Request) -> web.Response:
        """Be out of reach for a while."""
        fields = await read_fields(request)
        seconds = fields.number("seconds", 1.0)
        if not 0 < seconds <= UNREACHABLE_SECONDS_MAX:
            raise ActError(f"'seconds' must be more than 0, at most {UNREACHABLE_SECONDS_MAX:.0f}")
        manner = fields.text("manner", Manner.REFUSED)
        if manner not in tuple(Manner):
            raise ActError(f"'manner' must be one of {', '.join(Manner)}")
        self._close_for(seconds, discord=fields.flag("discord"), manner=Manner(manner))
        return answer({})


def _storm_view(storm: Storm) -> Json:
    return {"seed": storm.seed, "struck": [asdict(strike) for strike in storm.struck]}


def _chance(fields: Fields) -> Chance:
    return Chance(_fault(fields), fields.number("probability", 0.0))


def _fault(fields: Fields) -> Fault:
    platform = fields.text("platform")
    if platform not in PLATFORMS:
        raise ActError(f"'platform' must be one of {', '.join(PLATFORMS)}")
    try:
        kind = Kind(fields.text("kind"))
    except ValueError as error:
        raise ActError(f"'kind' must be one of {', '.join(Kind)}") from error
    status, html = fields.integer("status", 502), fields.flag("html")
    if status not in range(400, 600) and not (html and status == OK):
        raise ActError("'status' must be an HTTP error status, or 200 with 'html'")
    return Fault(
        platform=platform,
        method=fields.text("method", "*"),
        kind=kind,
        nth=fields.integer("nth", 1),
        count=fields.integer("count", 1),
        target=fields.text_or_none("target"),
        retry_after=fields.number("retry_after", 1),
        seconds=fields.number("seconds", 1.0),
        status=status,
        html=html,
        scope=fields.text("scope", "user"),
        via=fields.flag("via", default=True),
        reply=fields.text("reply", ""),
        after_bytes=fields.integer("after_bytes", 8),
        code=fields.integer("code", 4000),
        key=fields.text("key", ""),
        resumable=fields.flag("resumable"),
    )
