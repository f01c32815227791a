"""Signatures and envelopes as programs make them: opened where that needs no key, and named."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from adapters.email.account import Account, Delivered
from adapters.email.incoming.attachments import bytes_at
from adapters.email.incoming.normalise import normalise
from adapters.email.mime.signed import signed_content
from core.model.content import Media, Text, Unsupported
from core.model.event import MessageCreated
from core.model.ids import EventId
from core.model.message import Protection
from tests.rigs.odd_mails.writing import NOW, PDF, US, file, mail, mixed, part

ACCOUNT = Account(name="support", address=US, secret=b"k" * 32)
DELIVERED = Delivered(event=EventId("E"), received_at=NOW)
INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
DEPTH_MAX = ACCOUNT.limits.depth_max

Identity = tuple[rsa.RSAPrivateKey, x509.Certificate]


@pytest.fixture(scope="module")
def identity() -> Identity:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ines")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def test_the_mail_in_an_opaque_signature_is_read(identity: Identity) -> None:
    """Outlook signs like this: desks that do not look inside show an empty mail."""
    body = created(smime(signed(identity, INNER), "signed-data"))

    assert [text.text for text in body.parts if isinstance(text, Text)] == ["Grüße"]
    assert body.protection is Protection.SMIME_SIGNED


def test_the_type_of_the_envelope_need_not_be_said(identity: Identity) -> None:
    body = created(smime(signed(identity, INNER), ""))

    assert body.protection is Protection.SMIME_SIGNED


def test_files_in_an_opaque_signature_can_be_fetched(identity: Identity) -> None:
    inner = mixed(part("text/plain", "Hallo"), file("application/pdf; name=a.pdf", PDF))
    raw = smime(signed(identity, inner), "signed-data")

    [attached] = [one.attachment for one in created(raw).parts if isinstance(one, Media)]

    place = attached.remote.partition("#")[2]
    assert attached.name == "a.pdf"
    assert bytes_at(raw, place, DEPTH_MAX) == PDF


def test_what_was_signed_is_given_back_to_the_byte(identity: Identity) -> None:
    """Somebody may want to check the signature."""
    content = bytes(range(256)) * 700

    assert signed_content(signed(identity, content)) == content


def test_a_detached_signature_holds_no_mail(identity: Identity) -> None:
    key, certificate = identity
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INNER)
    builder = builder.add_signer(certificate, key, hashes.SHA256())
    detached = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature])

    assert signed_content(detached) is None


def test_a_mail_signed_beside_its_text_is_named_as_such(identity: Identity) -> None:
    key, certificate = identity
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INNER)
    builder = builder.add_signer(certificate, key, hashes.SHA256())
    written = builder.sign(Encoding.SMIME, [pkcs7.PKCS7Options.DetachedSignature])

    body = created(b"From: Ines <ines@kunde.example>\n" + written)

    assert body.protection is Protection.SMIME_SIGNED
    assert [text.text for text in body.parts if isinstance(text, Text)] == ["Grüße"]


def test_an_encrypted_mail_says_that_it_is(identity: Identity) -> None:
    """It is attached as it came: who has the key can read it elsewhere."""
    envelope = (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_data(INNER)
        .add_recipient(identity[1])
        .encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )

    body = created(smime(envelope, "enveloped-data"))

    notice, attached = body.parts
    assert body.protection is Protection.SMIME_ENCRYPTED
    assert isinstance(notice, Unsupported)
    assert isinstance(attached, Media)
    assert attached.attachment.size_bytes == len(envelope)


def test_certificates_alone_are_no_signature() -> None:
    body = created(smime(b"0\x00", "certs-only"))

    assert body.protection is Protection.NONE


def signed(identity: Identity, content: bytes) -> bytes:
    key, certificate = identity
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(certificate, key, hashes.SHA256())
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def smime(content: bytes, kind: str) -> bytes:
    said = f"; smime-type={kind}" if kind else ""
    return mail(
        base64.encodebytes(content),
        Content_Type=f'application/pkcs7-mime{said}; name="smime.p7m"',
        Content_Transfer_Encoding="base64",
    )


def created(raw: bytes) -> MessageCreated:
    [event] = normalise(raw, ACCOUNT, DELIVERED).events
    assert isinstance(event.body, MessageCreated)
    return event.body
