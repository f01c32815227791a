"""Header fields straight from the bytes: tolerant, because mail in the wild is not tidy. Pure."""

import re

END_OF_HEADER = re.compile(rb"\r?\n\r?\n")


def split_header(raw: bytes) -> tuple[bytes, bytes]:
    """(header with its blank line, body). All header when there is no blank line."""
    if raw.startswith((b"\r\n", b"\n")):
        end = raw.index(b"\n") + 1
        return raw[:end], raw[end:]
    match = END_OF_HEADER.search(raw)
    return (raw[: match.end()], raw[match.end() :]) if match else (raw, b"")


def header_fields(raw: bytes) -> list[tuple[bytes, bytes]]:
    """(name, the field's lines as they are) of every field, in order."""
    fields: list[tuple[bytes, bytes]] = []
    for line in split_header(raw)[0].splitlines(keepends=True):
        if line[:1] in (b" ", b"\t") and fields:
            name, lines = fields[-1]
            fields[-1] = (name, lines + line)
        elif b":" in line:
            fields.append((line.partition(b":")[0].strip(), line))
    return fields


def header_values(raw: bytes, name: str) -> list[str]:
    """The unfolded values of every field of this name, undecoded."""
    wanted = name.lower().encode()
    return [
        b" ".join(lines.partition(b":")[2].split()).decode("utf-8", "replace")
        for own, lines in header_fields(raw)
        if own.lower() == wanted
    ]
