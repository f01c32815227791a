"""Webhooks go to the internet, and not to what stands behind the gateway."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from gateway.webhooks.targets import Address, Allowed, is_public

NOWHERE = Allowed()
SPECIAL = """
    0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::a00:1 100::1
    2001::1 2001:10::1 2001:db8::1 2002:7f00:1::1 3fff::1 fc00::1 fd12:3456::1 fe80::1 fec0::1
    ff02::1 5f00::1
"""
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 192.169.0.1 2606:4700::1111 2a00:1450::1"


@pytest.mark.parametrize("address", SPECIAL.split())
def test_special_addresses_are_refused(address: str) -> None:
    """Whoever may manage webhooks could read the cloud's metadata, or knock at the database."""
    assert not is_public(ip_address(address))
    assert not NOWHERE.connects("innocent.example", address)
    shown = f"[{address}]" if ":" in address else address
    with pytest.raises(InvalidRequest, match="allow_hosts"):
        NOWHERE.checked(f"https://{shown}/hook")


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_are_taken(address: str) -> None:
    assert NOWHERE.connects("receiver.example", address)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_python_does_not_call_global_is_never_public(address: Address) -> None:
    """Our list of ranges would have a hole that the registries' does not have."""
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/hook",
        "ftp://receiver.example/hook",
        "file:///etc/passwd",
        "https:///hook",
        "https://user:secret@receiver.example/hook",
        "https://receiver.example@127.0.0.1/hook",
        "https://receiver.example/hook#part",
        "https://receiver.example:22/hook",
        "https://receiver.example:0/hook",
        "https://receiver.example:0x50/hook",
        "https://receiver.example:99999/hook",
        "https://2130706433/hook",
        "https://127.1/hook",
        "https://0x7f000001/hook",
        "https://0177.0.0.1/hook",
        "https://receiver.example/a b",
        "https://réceiver.example/hook",
        "https://receiver.example\\@127.0.0.1/",
        "https://receiver.example/\n",
        "https://[::1/hook",
        "https://receiver.example/" + "x" * 2000,
        "hook",
        "",
    ],
)
def test_urls_that_lead_astray_are_refused_without_being_repeated(url: str) -> None:
    """Two programs that read a URL differently are how one of them is deceived."""
    with pytest.raises(InvalidRequest) as refused:
        NOWHERE.checked(url)

    assert "secret" not in str(refused.value)


def test_good_urls_are_taken() -> None:
    for url in (
        "https://receiver.example/hook?key=1",
        "https://receiver.example:8443/hook",
        "https://1.1.1.1/hook",
        "https://[2606:4700::1111]/hook",
    ):
        assert NOWHERE.checked(url) == url


def test_an_operator_allows_networks_and_names_of_their_own() -> None:
    """A receiver in the next room could not be told anything."""
    allowed = Allowed(("10.20.0.0/16", "crm.internal", "fd00:1::/64"))

    assert allowed.checked("http://10.20.3.4:22/hook")
    assert allowed.checked("http://CRM.internal./hook")
    assert allowed.connects("anything.example", "10.20.3.4")
    assert allowed.connects("crm.internal", "192.168.7.7")
    assert allowed.connects("anything.example", "fd00:1::9%eth0")
    assert not allowed.connects("anything.example", "10.21.0.1")
    with pytest.raises(InvalidRequest):
        allowed.checked("http://receiver.example/hook")
    assert Allowed(http=True).checked("http://receiver.example/hook")


@pytest.mark.parametrize("host", ["https://crm.internal", "10.20.0.0/8", "a b", "", "crm:80"])
def test_what_is_no_host_is_told_when_the_settings_are_read(host: str) -> None:
    """An operator would believe that a network was allowed, and find out by silence."""
    with pytest.raises(ValueError, match="is no host"):
        Allowed((host,))
