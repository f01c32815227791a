"""The body of an outgoing mail: mixed(related(alternative(text, html), pictures), files), each
layer only where it holds something.

Everything is 7-bit on the wire, so that no server needs an extension to pass it on unchanged.
"""

from typing import NamedTuple

from adapters.email.outgoing.wire import Part, file_part, multipart, text_part


class Enclosed(NamedTuple):
    """A file of the mail. With a `cid` it is a picture that the HTML form shows."""

    kind: str
    name: str
    data: bytes
    cid: str = ""


def body(plain: str, html: str, enclosed: tuple[Enclosed, ...], *, seed: str) -> Part:
    """`seed` (letters and digits) keeps the boundaries of one mail apart from another's."""
    texts = (text_part(plain, "plain"), text_part(html, "html"))
    root = multipart("alternative", texts, seed=seed)
    pictures = [_file(one) for one in enclosed if one.cid]
    files = [_file(one) for one in enclosed if not one.cid]
    if pictures:
        root = multipart("related", (root, *pictures), seed=seed, type="multipart/alternative")
    if files:
        root = multipart("mixed", (root, *files), seed=seed)
    return root


def _file(one: Enclosed) -> Part:
    return file_part(one.data, kind=one.kind, name=one.name, cid=one.cid)
