"""Which signature or encryption a mail came with. Seen from its form, never checked."""

from collections.abc import Iterable

from adapters.email.incoming.attachments import ENVELOPES
from adapters.email.mime.message import Message
from adapters.email.mime.parse import content, content_type, parameter
from adapters.email.mime.signed import is_signed_data
from core.model.message import Protection

ARMOUR_WITHIN = 4096
ARMOURS = (
    ("-----BEGIN PGP MESSAGE-----", Protection.PGP_ENCRYPTED),
    ("-----BEGIN PGP SIGNED MESSAGE-----", Protection.PGP_SIGNED),
)


def protection_of(parts: Iterable[Message], texts: Iterable[str]) -> Protection:
    """Of several the outermost, for that one covers the others."""
    for part in parts:
        found = _of_part(part)
        if found is not Protection.NONE:
            return found
    for text in texts:
        if "-----BEGIN PGP " in text[:ARMOUR_WITHIN]:
            for line, found in ARMOURS:
                if line in text[:ARMOUR_WITHIN]:
                    return found
    return Protection.NONE


def _of_part(part: Message) -> Protection:
    kind = content_type(part)
    if kind in ENVELOPES:
        said = parameter(part, "smime-type").lower()
        if said == "certs-only":
            return Protection.NONE
        is_signed = said == "signed-data" or is_signed_data(content(part)[0])
        return Protection.SMIME_SIGNED if is_signed else Protection.SMIME_ENCRYPTED
    if kind == "multipart/encrypted":
        return Protection.PGP_ENCRYPTED
    if kind == "multipart/signed":
        is_pgp = "pgp" in parameter(part, "protocol").lower()
        return Protection.PGP_SIGNED if is_pgp else Protection.SMIME_SIGNED
    return Protection.NONE
