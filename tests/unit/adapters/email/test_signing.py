"""DKIM signatures of our own, checked by somebody else's library."""

import base64
import re
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache

import dkim  # type: ignore[import-untyped]
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from adapters.email.settings import EmailSettings, ImapSettings, SmtpSettings
from adapters.email.signing import DkimSettings, Signer
from core.model.content import Text
from core.model.secret import Secret
from tests.unit.adapters.email.test_outgoing_body import PDF, file, mailed, outbound

NOW = datetime(2025, 11, 21, 12, 0, tzinfo=UTC)
EARLIEST = b"From: support@acme.example\r\n"


def test_a_stranger_finds_the_signature_right() -> None:
    mail = mailed(outbound(Text(text="Grüße, 漢字.\n\n  a  b \n\n"), file(PDF, "名.pdf")))

    signed = signer().signed(mail, NOW)

    assert signed.endswith(mail)
    assert max(map(len, signed.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 100
    assert verified(signed)


@given(
    st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b".", b"\r\n\r\n", b"b  "])),
    st.lists(st.sampled_from([b"word", b" ", b"\t", b"\r\n ", b"\r\n\t", b":"]), min_size=1),
)
def test_any_body_and_any_folding_can_be_checked(body: list[bytes], subject: list[bytes]) -> None:
    """The two rules of canonical form, where implementations differ."""
    folded = b"Subject:x" + b"".join(subject) + b"x\r\n"
    mail = EARLIEST + folded + b"\r\n" + b"".join(body) + b"\r\n"

    assert verified(signer().signed(mail, NOW))


@pytest.mark.parametrize(
    "change",
    [
        (b"Tomorrow", b"Never"),
        (b"\r\nTo: ", b"\r\nTo: eve@evil.example\r\nTo: "),
        (b"\r\nTo: ", b"\r\nSubject: another\r\nTo: "),
        (b"\r\nTo: ", b"\r\nReply-To: eve@evil.example\r\nTo: "),
        (b"\r\nTo: ", b"\r\nCc: eve@evil.example\r\nTo: "),
        (b"Date: Fri", b"Date: Sat"),
    ],
    ids=lambda change: change[1].decode().strip(),
)
def test_nothing_can_be_changed_or_added(change: tuple[bytes, bytes]) -> None:
    signed = signer().signed(mailed(outbound(Text(text="Tomorrow"))), NOW)
    assert change[0] in signed

    assert verified(signed)
    assert not verified(signed.replace(*change, 1))


def test_white_space_that_servers_change_does_not_matter() -> None:
    signed = signer().signed(mailed(outbound(Text(text="Tomorrow"))), NOW)

    assert verified(signed.replace(b"\r\nTo: ", b"\r\nTo:  ") + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("pem", "says"),
    [
        ("no key at all", "PEM"),
        ("", "PEM"),
        ("small", "at least 2048 bits"),
        ("ed25519", "at least 2048 bits"),
        ("locked", "without a password"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_at_the_start(pem: str, says: str) -> None:
    """Not at the first mail; and the key is in no message."""
    given_key = {"small": small, "ed25519": other_kind, "locked": locked}.get(pem, lambda: pem)()

    with pytest.raises(ValueError, match=says) as failure:
        DkimSettings(domain="acme.example", selector="s", key=Secret(given_key))

    assert given_key not in str(failure.value) or not given_key


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"domain": "Acme Example"}, "dkim.domain"),
        ({"domain": "acme.example; d=evil.example"}, "dkim.domain"),
        ({"selector": ""}, "dkim.selector"),
        ({"selector": "a; d=evil"}, "dkim.selector"),
    ],
)
def test_names_that_are_none_are_refused(changes: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        msgspec.structs.replace(settings(), **changes)


@pytest.mark.parametrize(
    ("address", "signs"),
    [
        ("help@acme.example", True),
        ("help@mail.acme.example", True),
        ("help@other.example", False),
        ("help@notacme.example", False),
    ],
)
def test_a_signature_has_to_speak_for_the_address(address: str, signs: bool) -> None:
    """DMARC looks whether the two go together."""
    imap = ImapSettings(host="h", user="u", password=Secret("p"))
    smtp = SmtpSettings(host="h")
    expected = nullcontext() if signs else pytest.raises(ValueError, match=r"dkim\.domain")

    with expected:
        EmailSettings(address=address, imap=imap, smtp=smtp, dkim=settings())


def verified(mail: bytes) -> bool:
    public = key().public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)

    def asked(name: bytes, timeout: int = 5) -> bytes:
        assert re.fullmatch(rb"s2025\._domainkey\.acme\.example\.?", name)
        return record

    try:
        return bool(dkim.verify(mail, dnsfunc=asked))
    except dkim.DKIMException:
        return False


@cache
def signer() -> Signer:
    return Signer(settings())


@cache
def settings() -> DkimSettings:
    return DkimSettings(domain="acme.example", selector="s2025", key=Secret(pem_of(key())))


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, password: bytes = b"") -> str:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


def small() -> str:
    return pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505  that it is too small is the point


def other_kind() -> str:
    return pem_of(ed25519.Ed25519PrivateKey.generate())


def locked() -> str:
    return pem_of(key(), b"password")
