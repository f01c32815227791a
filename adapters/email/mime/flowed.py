"""Lines that were broken for the transport are joined again (format=flowed, RFC 3676)."""


def unflowed(text: str, *, delsp: bool) -> str:
    """`delsp`: the space at the end of a broken line is not part of the text."""
    joined: list[str] = []
    pieces: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        soft = rest.endswith(" ") and rest != "-- "
        shown = rest[:-1] if soft and delsp else rest
        if open_depth != depth or rest == "-- ":
            joined.append("".join(pieces))
            pieces = ["> " if depth == 1 else f"{'>' * depth} "] if depth else []
        pieces.append(shown)
        open_depth = depth if soft else None
    joined.append("".join(pieces))
    return "\n".join(joined[1:])
