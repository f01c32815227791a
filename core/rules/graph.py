"""Views over linked things: a contact over identities, a conversation over legs.

Both are connected components of an undirected graph whose edges are written down one by one. So
taking an edge away gives exactly the components that there would be had it never been there.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=str)


def components(
    nodes: Iterable[Node], edges: Mapping[Node, Iterable[Node]]
) -> tuple[tuple[Node, ...], ...]:
    """The connected components of `nodes`, each sorted, in the order of their first members.

    Edges to nodes that are not among `nodes` do not count.
    """
    left = set(nodes)
    found: list[tuple[Node, ...]] = []
    while left:
        component: set[Node] = set()
        frontier = {min(left)}
        while frontier:
            component |= frontier
            left -= frontier
            frontier = {other for node in frontier for other in edges.get(node, ())} & left
        found.append(tuple(sorted(component)))
    return tuple(sorted(found))


def connected(nodes: Collection[Node], edges: Iterable[tuple[Node, Node]]) -> bool:
    """Whether these edges lead from any of `nodes` to all others of them."""
    reached: set[Node] = set(list(nodes)[:1])
    left = list(edges)
    while near := [edge for edge in left if reached & set(edge)]:
        reached |= {node for edge in near for node in edge}
        left = [edge for edge in left if edge not in near]
    return reached >= set(nodes)
