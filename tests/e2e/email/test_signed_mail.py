"""A signed answer, on its way through a server."""

import base64

import dkim  # type: ignore[import-untyped]
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from adapters.email.adapter import open_adapter
from adapters.email.signing import DkimSettings
from core.model.content import Text
from core.model.secret import Secret
from tests.contract.email_harness import EmailHarness
from tests.contract.harness import Person
from tests.contract.running import asked, reply_to
from tests.contract.surroundings import Lent


async def test_an_answer_arrives_with_a_signature_that_holds(
    host: EmailHarness, lent: Lent, mei: Person
) -> None:
    """Where no relay signs, large providers would put it into the junk folder."""
    question = await asked(host, lent)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    domain = host.sandbox.support_address.partition("@")[2]
    signing = DkimSettings(domain=domain, selector="s1", key=Secret(pem.decode()))
    text = "Grüße!\n.\n..two dots\n" + "漢字" * 500

    async with open_adapter(replace(host.settings(), dkim=signing), lent.surroundings) as adapter:
        await adapter.send(reply_to(question, Text(text=text)))

    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    [arrived] = host.sandbox.mail_programs.mailbox(mei.key).inbox.messages
    assert dkim.verify(arrived.raw, dnsfunc=lambda _name, timeout=5: record)
    assert host.received(mei)[0].text == text
