"""How sure it is that a mail comes from the domain of its From. Pure: what the domain name system
says is asked for by the line.

Two sources, in this order: what the mailbox's own server found out (`results`), and, where that
gives no verdict, the author's own DKIM signature (`signatures`). Only a proof that speaks for the
From's organisation counts (DMARC, RFC 7489); a mail without one may be genuine all the same.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from adapters.email.account import Opinion
from adapters.email.addresses import normalise_address, organisation_of
from adapters.email.incoming.results import NO_ID, Result, Results, trusted_results
from adapters.email.incoming.senders import Author, author_of
from adapters.email.incoming.signatures import (
    Signature,
    Validity,
    aligned,
    aligned_signatures,
    checked,
    parse_tags,
)
from adapters.email.mime.message import Message
from core.model.message import SenderLevel

CONCLUSIVE = frozenset({"pass", "fail", "none", "neutral", "policy", "softfail", "bestguesspass"})
"""Values that settle something; `temperror` and `permerror` do not."""


class Examination(NamedTuple):
    """`opinion` as it stands without asking anybody; `signatures` are what could better it."""

    opinion: Opinion
    author: Author
    signatures: tuple[Signature, ...] = ()


class Checked(NamedTuple):
    """What came of one signature; `validity` VALID with `signature.domain` as the signer."""

    signature: Signature
    validity: Validity
    reason: str = ""


def examine(
    message: Message, *, authserv_ids: tuple[str, ...], check_dkim: bool, now: datetime
) -> Examination:
    author = author_of(message)
    said = trusted_results(message, authserv_ids) if authserv_ids else None
    verdict = _verdict(said, author.domain) if said else None
    if verdict is not None:
        return Examination(_at_best(verdict, author.doubt), author)
    if author.doubt:
        return Examination(_unverified(author.doubt), author)
    if not check_dkim:
        return Examination(_unverified("nobody vouches for the sender"), author)
    signatures = aligned_signatures(message, author.domain, now)
    nothing = _unverified(f"not signed by {author.domain}")
    return Examination(nothing, author, signatures)


def checked_signatures(
    raw: bytes, signatures: tuple[Signature, ...], records: Mapping[str, str | None]
) -> tuple[Checked, ...]:
    """One after another until one is valid. A record of None: there was no answer in time."""
    outcomes = []
    for signature in signatures:
        record = records.get(signature.key_name)
        if record is None and not signature.refused:
            outcome = Checked(signature, Validity.UNKNOWN, "its key could not be looked up")
        else:
            outcome = Checked(signature, *checked(raw, signature, record or ""))
        outcomes.append(outcome)
        if outcome.validity is Validity.VALID:
            break
    return tuple(outcomes)


def policy_names(author: Author, outcomes: tuple[Checked, ...]) -> tuple[str, ...]:
    """The DMARC records that the opinion about these outcomes depends on: none, usually."""
    settled = any(
        outcome.validity is Validity.VALID and outcome.signature.domain == author.domain
        for outcome in outcomes
    )
    if settled or all(outcome.validity is Validity.UNKNOWN for outcome in outcomes):
        return ()
    domains = dict.fromkeys((author.domain, organisation_of(author.domain)))
    return tuple(f"_dmarc.{domain}" for domain in domains)


def opinion_of(
    author: Author, outcomes: tuple[Checked, ...], policies: Mapping[str, str | None]
) -> Opinion:
    """What the author's own signatures say. A broken one counts against the mail only if its domain
    asks for that: lists and virus scanners change honest mails, too.
    """
    policy = _policy(author, policies)
    strictly = policy.get("adkim", "r") == "s"
    for outcome in outcomes:
        domain = outcome.signature.domain
        if outcome.validity is Validity.VALID and aligned(domain, author.domain, strictly=strictly):
            return Opinion(level=SenderLevel.VERIFIED, evidence=f"DKIM of {domain} is valid")
    if not outcomes:
        return _unverified(f"not signed by {author.domain}")
    first = next((o for o in outcomes if o.validity is Validity.BROKEN), outcomes[0])
    domain = first.signature.domain
    if first.validity is Validity.VALID:
        return _unverified(f"signed by {domain}, but {author.domain} asks for its own signature")
    evidence = f"DKIM of {domain}: {first.reason}"
    wanted = policy.get("p", "none").lower()
    if first.validity is Validity.BROKEN and wanted in {"reject", "quarantine"}:
        evidence = f"{evidence}; its policy is {wanted}"
        return Opinion(level=SenderLevel.FAILED, evidence=evidence)
    return _unverified(evidence)


def _policy(author: Author, policies: Mapping[str, str | None]) -> dict[str, str]:
    """The domain's own DMARC record, else its organisation's."""
    for name in (f"_dmarc.{author.domain}", f"_dmarc.{organisation_of(author.domain)}"):
        record = policies.get(name) or ""
        if record.replace(" ", "").lower().startswith("v=dmarc1"):
            return parse_tags(record)
    return {}


def _verdict(said: Results, domain: str) -> Opinion | None:
    """None: the server has not looked, or could not."""
    server = said.server or NO_ID
    by = f"by {server}" if said.server else "by the mail server"
    policies = [result for result in said.results if result.method == "dmarc"]
    own = [result for result in said.results if _is_about(result, domain)]
    if any(result.value == "fail" for result in policies):
        return Opinion(level=SenderLevel.FAILED, evidence=f"dmarc=fail {by}")
    if any(r.value == "pass" and _domain(r, "header.from") == domain for r in policies):
        return Opinion(level=SenderLevel.VERIFIED, evidence=f"dmarc=pass {by}")
    if any(result.value == "pass" for result in own):
        return Opinion(level=SenderLevel.VERIFIED, evidence=f"DKIM of {domain} is valid, {by}")
    if any(result.value == "fail" for result in own):
        return Opinion(level=SenderLevel.FAILED, evidence=f"DKIM of {domain} is broken, {by}")
    settled = {r.method: r.value for r in reversed(said.results) if r.value in CONCLUSIVE}
    shown = [f"{name}={settled[name]}" for name in ("dmarc", "dkim", "spf") if name in settled]
    if not {"dmarc", "dkim"} & settled.keys():
        return None
    return _unverified(f"{', '.join(shown)} {by}")


def _is_about(result: Result, domain: str) -> bool:
    """A DKIM result for a signature of the author's organisation."""
    if result.method != "dkim":
        return False
    signer = _domain(result, "header.d") or _domain(result, "header.i")
    return aligned(signer, domain)


def _domain(result: Result, name: str) -> str:
    """The domain in a property, whether it is one or an address, in its one spelling."""
    stated = result.properties.get(name, "").rpartition("@")[2]
    return (normalise_address(f"x@{stated}") or "").rpartition("@")[2]


def _at_best(opinion: Opinion, doubt: str) -> Opinion:
    if doubt and opinion.level is not SenderLevel.FAILED:
        return _unverified(f"{doubt} ({opinion.evidence})")
    return opinion


def _unverified(evidence: str) -> Opinion:
    return Opinion(level=SenderLevel.UNVERIFIED, evidence=evidence)
