"""Imports the routes of the API when a request needs them (`docs/adr/0064-short-cold-starts.md`)."""

from importlib import import_module
from itertools import chain
from threading import Lock
from typing import Final

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope
from typing_extensions import override

PACKAGE: Final = "app.api.routers"
PAGES: Final = "pages"  # its paths are those that no other module has
ROUTERS: Final = {
    PAGES: (),
    "registration": ("auth",),
    "accounts": ("auth",),
    "addresses": ("auth",),
    "administration": ("admin",),
    "preferences": ("auth",),
    "keys": ("keys",),
    "tokens": ("auth",),
    "sessions": ("auth",),
    "uploads": ("uploads", "images"),
    "usage": ("usage",),
    "images": ("images",),
    "downloads": ("images",),
    "dates": ("images",),
    "favourites": ("images",),
    "timeline": ("timeline",),
    "review": ("review",),
    "duplicates": ("duplicates",),
    "detections": ("images", "redetection"),
    "search": ("search",),
    "tags": ("tags",),
    "albums": ("albums",),
    "album_images": ("albums",),
    "shares": ("shares",),
    "operations": ("operations",),
    "subscriptions": ("subscriptions",),
    "mail_links": ("subscriptions",),
    "mailbox": ("mailbox", "mailbox.json"),
    "export": ("export",),
    "shared_pages": ("s",),
    "objects": ("objects",),
    "docs": ("docs",),
}
"""The modules with routes in the order of their routes, with the first segments of their paths."""


_SEGMENTS: Final = frozenset(chain.from_iterable(ROUTERS.values()))


class LazyRouter(APIRouter):
    """The routes of a module, which is imported when a path needs it.

    Other paths are not compared with its routes. FastAPI compares a path with the routes of one router after the other.
    For the last of more than 100 routes, this takes longer than everything else in a small request.
    """

    def __init__(self, module: str) -> None:
        super().__init__()
        self._module = module
        self._lock = Lock()

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if can_match(self._module, scope["path"]) or scope.get("root_path"):  # only `super` removes a root path
            self.load()
            return super().matches(scope)
        return Match.NONE, {}

    def load(self) -> None:
        """Import the module and include its routes, at the first call."""
        with self._lock:
            if not self.routes:
                self.include_router(import_module(f"{PACKAGE}.{self._module}").router)


def can_match(module: str, path: str) -> bool:
    """Return whether a path begins like a route of this module."""
    segment = path.split("/", 2)[1] if "/" in path else ""
    return segment not in _SEGMENTS if module == PAGES else segment in ROUTERS[module]
