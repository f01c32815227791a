"""The list of everything that `make bench` measures, in the order of its page."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

import msgspec

from bench.measuring import Effort
from bench.overload import MINUTES as BURST_MINUTES
from bench.report.findings import Finding
from bench.soak import MINUTES


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """`run` is `module:function`, called with an Effort in a process of its own; it returns a
    Finding, or raises `Missing` where this machine lacks something. `servers`: it is run with each
    Redis server there is. `apart`: it runs when it is asked for by its name.
    """

    name: str
    title: str
    run: str
    servers: bool = False
    seconds_max: int = 600
    apart: bool = False

    def function(self) -> Callable[[Effort], Finding]:
        module, _, name = self.run.partition(":")
        found: Callable[[Effort], Finding] = getattr(import_module(module), name)
        return found


SCENARIOS: Final = (
    Scenario(
        name="engine",
        title="A message, accepted and answered",
        run="bench.engine.throughput:measure",
        servers=True,
    ),
    Scenario(
        name="profile",
        title="What bounds a round trip",
        run="bench.engine.profile:measure",
    ),
    Scenario(
        name="latency",
        title="Latency by a schedule",
        run="bench.engine.latency:measure",
        servers=True,
    ),
    Scenario(
        name="growth",
        title="From ten thousand to a million messages",
        run="bench.engine.growth:measure",
        seconds_max=1800,
    ),
    Scenario(
        name="memory",
        title="Memory of a message",
        run="bench.engine.memory:measure",
        servers=True,
    ),
    Scenario(
        name="many-steps",
        title="Many steps beside one",
        run="bench.engine.many_steps:measure",
    ),
    Scenario(
        name="handlers",
        title="Raw event to a handler, beside libraries for bots",
        run="bench.beside.handlers:measure",
    ),
    Scenario(
        name="queues",
        title="A round trip, beside queues",
        run="bench.beside.queues:measure",
        seconds_max=900,
    ),
    Scenario(
        name="mail",
        title="Mail taken, beside django-helpdesk",
        run="bench.beside.mail:measure",
        seconds_max=900,
    ),
    Scenario(name="discord-path", title="Discord's way in", run="bench.discord_path:measure"),
    Scenario(name="mail-parse", title="Reading mail", run="bench.mail_parse:measure"),
    Scenario(name="mail-push", title="A pushed mail", run="bench.mail_push:measure"),
    Scenario(name="fairness", title="Others' trouble", run="bench.fairness:measure"),
    Scenario(name="start-up", title="Start, memory, idle", run="bench.startup:measure"),
    Scenario(name="archive", title="The archive", run="bench.archive:measure"),
    Scenario(name="search", title="Search", run="bench.search:measure"),
    Scenario(name="live", title="Live events", run="bench.sse:measure"),
    Scenario(name="webhooks", title="Webhooks", run="bench.webhooks:measure"),
    Scenario(
        name="soak",
        title="Half an hour of work",
        run="bench.soak.run:measure",
        seconds_max=int(90 * MINUTES + 900),
        apart=True,
    ),
    Scenario(
        name="overload",
        title="Ten times as much as usual",
        run="bench.overload.finding:measure",
        seconds_max=int(60 * BURST_MINUTES + 2400),
        apart=True,
    ),
)


def chosen(names: list[str]) -> list[Scenario]:
    """These, or all but those apart. Raises ValueError for a name that is none."""
    known = {one.name: one for one in SCENARIOS}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            f"no scenario is called {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return [one for one in SCENARIOS if one.name in names or not (names or one.apart)]
