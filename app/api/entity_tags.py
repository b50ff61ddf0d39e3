"""Reads and compares entity tags as proxies leave them (RFC 9110, sections 8.8.3 and 13.1).

A proxy that compresses a response changes its tag: nginx and CDNs write `W/"7"`, Apache writes `"7-gzip"`, and Jetty
writes `"7--gzip"`. All of them mean our tag `"7"`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.errors import InvalidPrecondition

MAX_TAGS: Final = 100  # of a list; caches send the tags of the few responses that they have

_TAG: Final = r'(?:W/)?"[!#-~\x80-\xff]*"'
_TAGS: Final = re.compile(_TAG)
_LIST: Final = re.compile(rf"[ \t,]*(?:{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*)?[ \t,]*")
_CODING: Final = re.compile(r"--?(?:gzip|br|zstd|deflate)$")


@dataclass(frozen=True, slots=True)
class EntityTags:
    """The value of `If-Match` or `If-None-Match`.

    Attributes:
        tags: The tags as the client sent them, or None for `*`.
    """

    tags: Collection[str] | None

    @property
    def names(self) -> set[str]:
        """The texts in the quotes, without what a proxy appended."""
        return {_read_name(tag) for tag in self.tags or ()}

    def find(self, current: str) -> str | None:
        """Return the tag that matches the current one, in the form in which the client knows it.

        `*` matches each tag. The comparison is weak (RFC 9110, section 8.8.3.2).
        """
        if self.tags is None:
            return current
        name = _read_name(current)
        return next((tag for tag in self.tags if _read_name(tag) == name), None)


def read_tags(header: str, values: Sequence[str]) -> EntityTags | None:
    """Return the tags in all lines of a header. Return None if the request lacks it.

    Raises:
        InvalidPrecondition: the value is not a list of tags, or it has more than `MAX_TAGS` of them.
    """
    if not values:
        return None
    text = ", ".join(values).strip(" \t")
    if text == "*":
        return EntityTags(None)
    if text.count('"') > 2 * MAX_TAGS:
        raise InvalidPrecondition(header, f"Send at most {MAX_TAGS} entity tags.")
    if not _LIST.fullmatch(text):
        raise InvalidPrecondition(header, 'Send `*`, or one or more entity tags in quotes: "7", "8".')
    return EntityTags(tuple(dict.fromkeys(_TAGS.findall(text))))


def weaken(tag: str) -> str:
    """Return the weak form of a tag, for a response that means the same, but has other bytes."""
    return tag if tag.startswith("W/") else f"W/{tag}"


def _read_name(tag: str) -> str:
    return _CODING.sub("", tag.removeprefix("W/").strip('"'))
