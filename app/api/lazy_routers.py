"""Imports the routes of the API when a request needs them (`docs/adr/0064-short-cold-starts.md`)."""

from importlib import import_module
from threading import Lock
from typing import Final

from fastapi import APIRouter

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


class LazyRouter(APIRouter):
    """The routes of a module, which is imported by `load`. Until then, no route matches a request."""

    def __init__(self, module: str) -> None:
        super().__init__()
        self._module = module
        self._lock = Lock()

    def load(self) -> None:
        """Import the module and include its routes, at the first call."""
        with self._lock:
            if not self.routes:
                self.include_router(import_module(f"{PACKAGE}.{self._module}").router)


def find_modules(path: str) -> list[str]:
    """Return the modules whose routes can match a path, in the order of their routes."""
    segment = path.split("/", 2)[1] if "/" in path else ""
    return [name for name, segments in ROUTERS.items() if segment in segments] or [PAGES]
