"""The name server, asked by dnspython, and the keys that dkimpy finds there."""

import asyncio

import dkim  # type: ignore[import-untyped]
import dns.asyncresolver
import dns.exception
import dns.resolver
import pytest

from sandbox.server import Sandbox
from tests.e2e.sandbox.rig import Wire

NAME = "_dmarc.post.example"
LONG = "v=TEST; " + "é" * 200 + '"\\'


async def test_records_are_found_in_any_case_and_length(sandbox: Sandbox, wire: Wire) -> None:
    await wire.post("/dns", name="Long.Example.", txt=[LONG, "second"])

    assert sorted(await _texts(sandbox, "long.EXAMPLE")) == ["second", LONG]


async def test_what_is_not_there_is_told_apart(sandbox: Sandbox, wire: Wire) -> None:
    """No such name, and a name without such records: resolvers remember these differently."""
    await wire.post("/dns", name=NAME, txt=["v=DMARC1; p=reject"])

    with pytest.raises(dns.resolver.NXDOMAIN):
        await _texts(sandbox, "nowhere.example")
    with pytest.raises(dns.resolver.NoAnswer):
        await _texts(sandbox, "post.example")
    await wire.post("/dns", name=NAME, txt=[])
    with pytest.raises(dns.resolver.NXDOMAIN):
        await _texts(sandbox, NAME)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("server_error", dns.resolver.NoNameservers),
        ("blocked", dns.resolver.NoNameservers),
        ("drop_before", dns.resolver.LifetimeTimeout),
        ("slow_after", dns.resolver.LifetimeTimeout),
    ],
)
async def test_a_query_fails_as_told(
    sandbox: Sandbox, wire: Wire, kind: str, error: type[Exception]
) -> None:
    """A verdict must wait or be open then: "no key" would be a lie."""
    await wire.post("/dns", name=NAME, txt=["v=DMARC1"])
    fault = {"method": "TXT", "target": NAME, "kind": kind, "seconds": 2.0, "count": 0}
    await wire.post("/faults", platform="dns", **fault)

    with pytest.raises(error):
        await _texts(sandbox, NAME)

    await wire.delete("/faults")
    assert await _texts(sandbox, NAME) == ["v=DMARC1"]


async def test_what_was_asked_is_counted(sandbox: Sandbox, wire: Wire) -> None:
    """Who caches may not ask twice."""
    await wire.post("/dns", name=NAME, txt=["v=DMARC1"])
    for _ in range(2):
        await _texts(sandbox, NAME)

    about = await wire.get("/dns")

    assert about["queries"] == [{"name": NAME, "type": "TXT", "count": 2}]
    assert (about["host"], about["port"]) == ("127.0.0.1", sandbox.dns_port)


async def test_nonsense_is_not_answered_and_does_no_harm(sandbox: Sandbox, wire: Wire) -> None:
    loop = asyncio.get_running_loop()
    line, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", sandbox.dns_port)
    )
    for nonsense in (b"", b"x", bytes(12), bytes(range(256))):
        line.sendto(nonsense)
    line.close()
    await wire.post("/dns", name=NAME, txt=["v=DMARC1"])

    assert await _texts(sandbox, NAME) == ["v=DMARC1"]


async def test_a_signature_is_verified_with_the_published_key(sandbox: Sandbox) -> None:
    signed = sandbox.world.signers.sign(b"From: mei@post.example\r\n\r\nhello\r\n", "post.example")

    def verify(raw: bytes) -> bool:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], sandbox.dns_port

        def texts(name: bytes, timeout: float = 5) -> bytes:
            (record,) = resolver.resolve(name.decode(), "TXT", lifetime=timeout)
            return b"".join(record.strings)

        return bool(dkim.verify(raw, dnsfunc=texts))

    assert await asyncio.to_thread(verify, signed)
    assert not await asyncio.to_thread(verify, signed.replace(b"hello", b"hallo"))


async def _texts(sandbox: Sandbox, name: str) -> list[str]:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], sandbox.dns_port
    found = await resolver.resolve(name, "TXT", lifetime=0.5)
    return [b"".join(record.strings).decode() for record in found]
