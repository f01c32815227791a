"""Components and connections: what contacts and conversations are made of."""

from hypothesis import given
from hypothesis import strategies as st

from core.rules.graph import components, connected

nodes = st.sampled_from("abcdefg")
edges = st.sets(st.tuples(nodes, nodes), max_size=12)


def both_ways(some: set[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for a, b in some:
        found.setdefault(a, []).append(b)
        found.setdefault(b, []).append(a)
    return found


@given(some=edges)
def test_every_node_is_in_one_component(some: set[tuple[str, str]]) -> None:
    found = components("abcdefg", both_ways(some))

    assert sorted(node for one in found for node in one) == list("abcdefg")


@given(some=edges)
def test_the_ends_of_an_edge_are_in_one_component(some: set[tuple[str, str]]) -> None:
    found = components("abcdefg", both_ways(some))

    for a, b in some:
        assert any({a, b} <= set(one) for one in found)


@given(some=edges)
def test_no_component_could_be_divided(some: set[tuple[str, str]]) -> None:
    for one in components("abcdefg", both_ways(some)):
        assert connected(one, some)


@given(some=edges, edge=st.tuples(nodes, nodes))
def test_taking_an_edge_away_undoes_adding_it(
    some: set[tuple[str, str]], edge: tuple[str, str]
) -> None:
    """Law 6: that is why joins are edges, and groups are derived from them."""
    without = components("abcdefg", both_ways(some - {edge}))
    added = some | {edge}

    assert components("abcdefg", both_ways(added - {edge})) == without


@given(some=edges, edge=st.tuples(nodes, nodes))
def test_an_edge_only_ever_joins(some: set[tuple[str, str]], edge: tuple[str, str]) -> None:
    before, after = (components("abcdefg", both_ways(e)) for e in (some, some | {edge}))

    assert all(any(set(one) <= set(other) for other in after) for one in before)


@given(some=edges, a=nodes, b=nodes)
def test_two_nodes_are_connected_when_a_component_holds_both(
    some: set[tuple[str, str]], a: str, b: str
) -> None:
    together = any({a, b} <= set(one) for one in components("abcdefg", both_ways(some)))

    assert connected([a, b], some) is together


def test_components_come_in_the_order_of_their_first_members() -> None:
    assert components("dcba", {"a": ["d"], "d": ["a"]}) == (("a", "d"), ("b",), ("c",))


def test_edges_to_strangers_do_not_count() -> None:
    assert components("ab", {"a": ["x"], "b": ["x"]}) == (("a",), ("b",))


def test_nobody_and_one_alone_are_connected() -> None:
    assert connected([], [])
    assert connected(["a"], [])
    assert connected(["a", "a"], [])
