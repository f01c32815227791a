"""Numbers as people read them."""


def plain(number: float) -> str:
    """Three significant digits, thousands apart: 0.0123, 1.5, 62, 8 500, 1 000 000."""
    if number == 0:
        return "0"
    size = abs(number)
    if size >= 1000:
        return f"{round(number, 3 - len(str(int(size)))):,.0f}".replace(",", " ")
    text = f"{number:.3g}"
    return f"{number:.6f}".rstrip("0") if "e" in text else text
