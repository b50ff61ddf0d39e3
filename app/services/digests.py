"""Writes the digest e-mails about new matches of saved searches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from app.domain.images import Image

MAX_LISTED: Final = 40  # photos per e-mail, so that its text is shorter than 256 KiB, the limit of SNS


@dataclass(frozen=True, slots=True)
class Section:
    """The part of a digest about one saved search.

    Attributes:
        name: The name of the search.
        query: The query. It is empty if the search is unknown.
        images: The images to list.
        more: The number of further images.
    """

    name: str
    query: str
    images: Sequence[Image]
    more: int

    @property
    def title(self) -> str:
        """The name of the search, with the number of its new photos."""
        return f"{self.name} ({len(self.images) + self.more})"


def write_digest(sections: Sequence[Section], ui_url: str) -> tuple[str, str]:
    """Return the subject and the text of a digest."""
    lines, room = [], MAX_LISTED
    for section in sections:
        listed = section.images[:room]
        room -= len(listed)
        lines += [section.title, "", *(_describe(image, ui_url) for image in listed)]
        if rest := len(section.images) + section.more - len(listed):
            lines.append(f"… and {rest} more\n")
        if section.query:
            lines.append(f"Show all: {ui_url}/?q={quote(section.query, safe='')}\n")
        lines.append("")
    subject = f"New photos: {', '.join(section.title for section in sections)}"
    return subject, "\n".join(lines).rstrip("\n") + "\n"


def _describe(image: Image, ui_url: str) -> str:
    tags = ", ".join(f"{tag} | {count}" for tag, count in image.tags.items()) or "no tags"
    return f"{image.name}: {tags}\n{ui_url}/photos/{image.id}\n"
