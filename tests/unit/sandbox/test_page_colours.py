"""The page has to be readable by everyone in both themes: WCAG AA, 4.5 to 1."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "sandbox" / "static" / "tokens.css"
PAIRS = [
    *[(ink, ground) for ink in ("text", "text-2", "text-3") for ground in ("bg", "surface")],
    *[(ink, "telegram-soft") for ink in ("text", "text-2", "text-3", "telegram")],
    *[(ink, "raised") for ink in ("text", "text-2", "text-3", "telegram")],
    *[(ink, "warn-soft") for ink in ("warn", "text-2")],
    ("telegram-ink", "telegram"),
    ("email", "email-soft"),
    ("bad", "bad-soft"),
    ("accent-ink", "accent"),
    ("text", "accent-soft"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_every_pair_of_colours_has_contrast(ink: str, ground: str, theme: int) -> None:
    lighter, darker = sorted(
        (_luminance(_colour(name, theme)) for name in (ink, ground)), reverse=True
    )

    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _colour(token: str, theme: int) -> str:
    match = re.search(rf"--{token}: light-dark\(#(\w+), #(\w+)\)", TOKENS.read_text())
    assert match is not None, f"no token {token}"
    digits = match.groups()[theme]
    return digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return float(value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
