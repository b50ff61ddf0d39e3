"""Defines which versions of an image or an album a request may change."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class VersionCondition:
    """A condition on the current version.

    Attributes:
        accepted: The versions that the request may change. None means all.
        refused: The versions that it may not change. None means all.
    """

    accepted: Container[int] | None = None
    refused: Container[int] | None = ()

    def accepts(self, version: int) -> bool:
        """Return whether a request may change this version."""
        is_accepted = self.accepted is None or version in self.accepted
        return is_accepted and self.refused is not None and version not in self.refused


ANY_VERSION: Final = VersionCondition()
