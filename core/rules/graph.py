"""Views over linked things: a contact over identities, a conversation over legs.

Both are connected components of an undirected graph whose edges are written down one by one. So
taking an edge away gives exactly the components that there would be had it never been there.
"""

from collections.abc import Iterable, Mapping
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
