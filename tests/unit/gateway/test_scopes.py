"""Which scope each route asks for, written down twice: a change of one of them is no oversight."""

import pytest
from litestar import Litestar, Router, get

from gateway.http.app import description
from gateway.http.auth import API, check_scopes
from gateway.http.problems import refusals
from gateway.scopes import ALL, ALLOWS, FOR_AGENTS, Scope

OPENS = {
    Scope.CHANNELS_READ: "list_channels list_gaps list_inboxes read_health",
    Scope.CONTACTS_READ: "list_blocks list_contacts read_contact",
    Scope.CONTACTS_WRITE: "block link unblock unlink",
    Scope.CONVERSATIONS_READ: (
        "download list_conversations list_undelivered listen read_conversation read_html read_me "
        "read_messages search"
    ),
    Scope.CONVERSATIONS_WRITE: "change_conversation merge note seal split unmerge unsplit",
    Scope.MESSAGES_WRITE: (
        "edit go_on_in_private mark_read react reply retry show_typing start upload withdraw"
    ),
    Scope.OPERATE: (
        "discard list_dead_letters list_quarantine read_quarantined remove_quarantined revive"
    ),
    Scope.WEBHOOKS_MANAGE: (
        "change_webhook create_webhook list_deliveries list_webhooks pause_webhook "
        "read_delivery read_webhook remove_webhook replay_delivery replay_since resume_webhook "
        "rotate_secret test_webhook"
    ),
}
OPEN_TO_ALL = {"download_linked"}
METHODS = {"get", "post", "put", "patch", "delete"}


def test_every_route_asks_for_the_scope_that_is_written_here() -> None:
    """A route that asks for too little lets a program do what nobody has allowed it."""
    found: dict[Scope, set[str]] = {}
    unguarded = set()
    for path in description()["paths"].values():
        for operation in (path[method] for method in METHODS & path.keys()):
            name = operation["operationId"]
            if not operation.get("security"):
                unguarded.add(name)
                continue
            [[scope]] = [one["token"] for one in operation["security"]]
            found.setdefault(scope, set()).add(name)

    assert found == {scope: set(names.split()) for scope, names in OPENS.items()}
    assert unguarded == OPEN_TO_ALL


def test_every_scope_is_explained_and_opens_something() -> None:
    assert set(ALLOWS) == set(OPENS) == ALL


def test_an_agent_neither_operates_nor_has_messages_taken_elsewhere() -> None:
    assert {Scope.OPERATE, Scope.WEBHOOKS_MANAGE} == ALL - FOR_AGENTS


def test_a_route_that_names_no_scope_is_not_served() -> None:
    """Open by oversight is how data leaks."""

    @get("/bare", responses=refusals())
    async def bare() -> None: ...

    @get("/silent", opt={"scope": Scope.OPERATE})
    async def silent() -> None: ...

    for handler, lacking in ((bare, "scope"), (silent, "refusals")):
        app = Litestar([Router(path=API, route_handlers=[handler])], openapi_config=None)
        with pytest.raises(RuntimeError, match=lacking):
            check_scopes(app)
