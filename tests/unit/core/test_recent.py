"""A map with an end: what a process remembers must not grow with what it has seen."""

from core.recent import Recent


def test_the_oldest_is_forgotten_for_the_newest() -> None:
    recent = Recent[str, int](2)
    for n, key in enumerate("abac"):
        recent.note(key, n)

    assert dict(recent) == {"a": 2, "c": 3}
    assert (recent.get("b"), len(recent)) == (None, 2)


def test_what_is_taken_is_forgotten() -> None:
    recent = Recent[str, int](2)
    recent.note("a", 1)

    assert (recent.take("a"), recent.take("a")) == (1, None)
