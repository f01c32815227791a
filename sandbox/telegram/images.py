"""Which sizes of pictures Telegram takes and makes."""

from sandbox.images import Size

SIDES_SUM_MAX = 10_000
RATIO_MAX = 20
THUMBNAIL_PIXELS = 90


def acceptable(size: Size) -> bool:
    """True when Telegram takes a picture of this size as a photo."""
    short, long = sorted(size)
    return short > 0 and short + long <= SIDES_SUM_MAX and long <= short * RATIO_MAX


def thumbnail_size(size: Size) -> Size | None:
    """The size of the small copy beside a picture; None when the picture is small itself."""
    longest = max(size)
    if longest <= THUMBNAIL_PIXELS:
        return None
    width, height = (max(side * THUMBNAIL_PIXELS // longest, 1) for side in size)
    return width, height
