"""The gateway as a whole: its connections and sessions, and who is told what happens."""

import secrets
from collections import deque
from typing import Any

from aiohttp import web
from typing_extensions import override

from sandbox.discord.applications import Application
from sandbox.discord.gateway.compression import PACKINGS
from sandbox.discord.gateway.failing import (
    UNKNOWN_KIND,
    Abort,
    Bye,
    Hang,
    Send,
    Step,
    invalid,
    reconnect,
)
from sandbox.discord.gateway.greeting import guild_object, members_chunks, ready
from sandbox.discord.gateway.identity import (
    Identity,
    admit,
    bare_token,
    read_identity,
    read_object,
)
from sandbox.discord.gateway.line import Desk, Line
from sandbox.discord.gateway.protocol import (
    ENDS_SESSION,
    VERSION,
    Close,
    GatewayClosed,
    Op,
    frame,
)
from sandbox.discord.gateway.sessions import Event, Session
from sandbox.discord.guilds import Guild
from sandbox.discord.kinds import Intent
from sandbox.discord.state import Event as Happening
from sandbox.faults import Fault, Kind
from sandbox.payload import Json
from sandbox.spoiling import error_page, hang_up, reset
from sandbox.world import World

PLATFORM = "discord"
HOST = "discord.gg"


class Gateway(Desk):
    """Tells every session what its bot may know. Its acts strike the connections of all bots."""

    def __init__(self, world: World) -> None:
        self.sessions: dict[str, Session] = {}
        self.lines: list[Line] = []
        self.state = world.discord
        self._journal = world.journal
        self._faults = world.faults
        self.state.subscribe(self._happened)

    # Connections

    def routes(self) -> list[web.RouteDef]:
        """Where clients connect."""
        return [web.get("/", self.connect)]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve a client until it leaves. A host that is no gateway's has no page here."""
        if not (request.url.host or "").endswith(HOST):
            raise web.HTTPNotFound
        self._journal.count(PLATFORM, "gateway.connect")
        if refused := self._refused(request):
            return refused
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        packing = PACKINGS.get(request.query.get("compress", ""), PACKINGS[""])()
        line = Line(self, request, socket, packing, self.state.settings)
        self.lines.append(line)
        try:
            await line.run(_refusal(request))
        finally:
            self.lines.remove(line)
            if line.session is not None:
                line.session.leave(line, self.state.now())
        return socket

    def end(self) -> None:
        """Hang up on everybody, also where nothing is read any more."""
        for line in self.lines:
            line.abort()

    def _refused(self, request: web.Request) -> web.StreamResponse | None:
        fault = self._faults.take(PLATFORM, "gateway.connect")
        match fault.kind if fault else None:
            case Kind.DROP_BEFORE | Kind.DROP_AFTER:
                return hang_up(request)
            case Kind.RESET:
                return reset(request)
            case Kind.SERVER_ERROR | Kind.RATE_LIMIT if fault:
                return error_page(429 if fault.kind is Kind.RATE_LIMIT else fault.status)
            case _:
                return None

    # What clients say

    @override
    def heard(self, line: Line, op: Op, data: Any) -> None:
        self._journal.count(PLATFORM, f"gateway.{op.name}")
        match op:
            case Op.IDENTIFY:
                self._identify(line, data)
            case Op.RESUME:
                self._resume(line, data)
            case Op.PRESENCE | Op.VOICE_STATE | Op.REQUEST_MEMBERS | Op.SOUNDBOARD:
                if line.session is None:
                    raise GatewayClosed(Close.NOT_AUTHENTICATED)
                self._asked(line.session, op, read_object(data))
            case _:
                raise GatewayClosed(Close.UNKNOWN_OPCODE)

    @override
    def strike(self, method: str, target: str | None) -> Fault | None:
        return self._faults.take(PLATFORM, method, target)

    @override
    def closed(self, session: Session, code: int) -> None:
        if code in ENDS_SESSION:
            self.lost(session)

    @override
    def lost(self, session: Session) -> None:
        self.sessions.pop(session.id, None)
        session.carrier = None

    @override
    def surprise(self, session: Session) -> None:
        session.note(UNKNOWN_KIND, {"id": str(self.state.ids.take()), "colour": "green"})

    def _identify(self, line: Line, data: Any) -> None:
        if line.session is not None:
            raise GatewayClosed(Close.ALREADY_AUTHENTICATED)
        identity = read_identity(data)
        application = self._known(identity.token)
        guilds = [one for one in self._guilds(application) if identity.covers(one.id)]
        admit(identity, application, len(guilds), self.state.settings.guilds_per_shard_max)
        if self._wait_for_turn(application, identity):
            line.say(Op.INVALID_SESSION, data=False)
            return
        self._count_start(application)
        self._forget_old()
        kept: deque[Event] = deque(maxlen=self.state.settings.kept_events_max)
        session = Session(secrets.token_hex(16), application, identity, kept)
        self.sessions[session.id] = line.session = session
        session.join(line)
        self._greet(session, guilds)

    def _greet(self, session: Session, guilds: list[Guild]) -> None:
        session.note("READY", ready(session, guilds))
        if Intent.GUILDS not in session.identity.intents:
            return
        for guild in guilds:
            self._show(session, guild)

    def _show(self, session: Session, guild: Guild) -> None:
        if guild.available:
            body = guild_object(guild, session.application, session.identity.intents)
            session.note("GUILD_CREATE", body)

    def _resume(self, line: Line, data: Any) -> None:
        if line.session is not None:
            raise GatewayClosed(Close.ALREADY_AUTHENTICATED)
        fields = read_object(data)
        token, session_id, seq = (fields.get(name) for name in ("token", "session_id", "seq"))
        if not isinstance(token, str) or not isinstance(session_id, str) or type(seq) is not int:
            raise GatewayClosed(Close.DECODE_ERROR)
        application = self._known(token)
        self._forget_old()
        session = self.sessions.get(session_id)
        if session is None or session.application is not application:
            line.say(Op.INVALID_SESSION, data=False)
            return
        if seq > session.seq:
            raise GatewayClosed(Close.INVALID_SEQ)
        self._go_on(line, session, seq)

    def _go_on(self, line: Line, session: Session, seq: int) -> None:
        fault = self.strike("gateway.RESUME", None)
        again = fault is not None and fault.kind is Kind.DUPLICATE
        missed = session.after(seq)
        if missed is None or (fault is not None and fault.kind is Kind.LOST):
            self.lost(session)
            line.say(Op.INVALID_SESSION, data=False)
            return
        line.session = session
        session.join(line)
        line.replay(list(session.events) if again else missed)
        session.note("RESUMED", {"_trace": ["sandbox"]})

    def _asked(self, session: Session, op: Op, data: Json) -> None:
        if op is Op.PRESENCE:
            session.presence = data
        if op is not Op.REQUEST_MEMBERS:
            return
        for guild in self._guilds(session.application):
            if str(guild.id) == str(data.get("guild_id")):
                for chunk in members_chunks(guild, data):
                    session.note("GUILD_MEMBERS_CHUNK", chunk)

    def _known(self, token: str) -> Application:
        application = self.state.application(bare_token(token))
        if application is None:
            raise GatewayClosed(Close.AUTHENTICATION_FAILED)
        return application

    def _count_start(self, application: Application) -> None:
        """A bot that begins too often in a day loses its token."""
        if self.state.starts.begun(application.id) >= self.state.settings.identifies_per_day:
            application.revoked = True
            raise GatewayClosed(Close.AUTHENTICATION_FAILED)
        self.state.starts.begin(application.id)

    def _wait_for_turn(self, application: Application, identity: Identity) -> bool:
        settings = self.state.settings
        bucket = identity.shard_id % settings.max_concurrency
        return self.state.starts.too_soon(application.id, bucket, settings.identify_seconds)

    def _forget_old(self) -> None:
        oldest = self.state.now() - self.state.settings.session_seconds
        for session in list(self.sessions.values()):
            if session.left_at is not None and session.left_at < oldest:
                self.lost(session)

    # What happens in the world

    def _guilds(self, application: Application) -> list[Guild]:
        return [one for one in self.state.guilds.values() if application.id in one.members]

    def _happened(self, happening: Happening) -> None:
        for session in list(self.sessions.values()):
            if not _authorised(session):
                self._expel(session)
            elif self._covers(session.identity, happening) and self.state.hears(
                session.application, happening
            ):
                session.tell(happening.name, happening.payload)

    def _expel(self, session: Session) -> None:
        """Its token is good for nothing any more."""
        for line in self.lines:
            if line.session is session:
                line.do(Bye(Close.AUTHENTICATION_FAILED))
        self.lost(session)

    def _covers(self, identity: Identity, happening: Happening) -> bool:
        guild = happening.guild or (happening.channel.guild if happening.channel else None)
        return identity.covers_direct if guild is None else identity.covers(guild.id)

    # Acts. Each strikes every connection that has a session, and says how many there were.

    def drop(self, *, reset: bool = False) -> int:
        """The connection is gone without a word; the session can be resumed."""
        return self._act([Abort(reset)])

    def close(self, code: int) -> int:
        """The connection is closed with this code."""
        return self._act([Bye(code)])

    def ask_heartbeat(self) -> int:
        """Op 1: the client is to send a heartbeat at once."""
        return self._act([Send(frame(Op.HEARTBEAT))])

    def reconnect(self) -> int:
        """Op 7: the client is to come again and to resume."""
        return self._act(reconnect())

    def invalidate(self, *, resumable: bool = False) -> int:
        """Op 9; unless resumable the session is gone."""
        lines = self._act(invalid(resumable=resumable))
        if not resumable:
            self._forget_all()
        return lines

    def lose(self) -> int:
        """The connection is gone, and the session with it."""
        lines = self._act([Abort()])
        self._forget_all()
        return lines

    def hang(self) -> int:
        """The connection stays open, and nothing is read or written any more."""
        return self._act([Hang()])

    def inject(self, kind: str, data: Json) -> int:
        """Tell every session of an event as it is, whatever its intents."""
        for session in self.sessions.values():
            session.note(kind, data)
        return len(self.sessions)

    def send(self, text: str) -> int:
        """Send any text as a frame."""
        return self._act([Send(text)])

    def _act(self, steps: list[Step]) -> int:
        lines = [line for line in self.lines if line.session is not None]
        for line in lines:
            for step in steps:
                line.do(step)
        return len(lines)

    def _forget_all(self) -> None:
        for line in self.lines:
            line.session = None
        for session in list(self.sessions.values()):
            self.lost(session)


def _authorised(session: Session) -> bool:
    application = session.application
    return not application.revoked and session.identity.token == application.token


def _refusal(request: web.Request) -> Close | None:
    """Why a client cannot be served as it asks."""
    if request.query.get("v", str(VERSION)) != str(VERSION):
        return Close.INVALID_API_VERSION
    return None if request.query.get("encoding", "json") == "json" else Close.DECODE_ERROR
