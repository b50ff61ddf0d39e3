"""Skips the routers that have no route for a path."""

from functools import cached_property

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope
from typing_extensions import override


class PathRouter(APIRouter):
    """A router whose routes are compared only with paths that begin like one of them.

    FastAPI compares a path with the routes of one router after the other. For the last of more than 100 routes, this
    takes longer than everything else in a small request.
    """

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        paths, starts = self._paths
        path = scope["path"]
        if path in paths or path.startswith(starts) or scope.get("root_path"):  # only `super` removes a root path
            return super().matches(scope)
        return Match.NONE, {}

    @cached_property
    def _paths(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The paths without parameters, and the beginnings of the others."""
        paths = {str(route.path) for route in self.routes if hasattr(route, "path")}
        with_parameters = {path for path in paths if "{" in path}
        return frozenset(paths - with_parameters), tuple({path.partition("{")[0] for path in with_parameters})
