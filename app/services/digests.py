"""Writes the digest e-mails about new matches of saved searches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate, count, islice
from typing import Final
from urllib.parse import quote

from app.domain.ids import Rendition
from app.domain.images import Image
from app.domain.mail import MailContent, Picture, picture_id
from app.domain.mail_links import LINK_DAYS

MAX_LISTED: Final = 40  # photos per e-mail
MAX_BYTES: Final = 250_000  # of the text of all saved searches in an e-mail: SNS allows 256 KiB with the end

_ACCENT: Final = "#0b6e5f"
_MUTED: Final = "#5b5e58"


@dataclass(frozen=True, slots=True)
class Section:
    """The part of a digest about one saved search.

    Attributes:
        name: The name of the search.
        query: The query. It is empty if the search is unknown.
        images: The images to list.
        more: The number of further images.
        is_estimate: Whether this number is not exact. PixTag keeps only some ids, so an image without one may count
            twice, or may be deleted.
        pause_url: A link that pauses the search. It is empty if the search is unknown.
        end_url: A link that deletes the search.
    """

    name: str
    query: str
    images: Sequence[Image]
    more: int
    pause_url: str = ""
    end_url: str = ""
    is_estimate: bool = False

    @property
    def title(self) -> str:
        """The name of the search, with the number of its new photos."""
        return f"{self.name} ({self._about}{len(self.images) + self.more})"

    @property
    def rest(self) -> str:
        """The line about the images that are not listed, or an empty text."""
        return f"… and {self._about}{self.more} more" if self.more else ""

    @property
    def _about(self) -> str:
        return "about " if self.is_estimate else ""

    def limit(self, room: int) -> "Section":
        """Return the section with at most `room` images. The others are only counted."""
        listed = self.images[:room]
        more = self.more + len(self.images) - len(listed)
        return replace(self, images=listed, more=more)

    def write_search_url(self, ui_url: str) -> str:
        """Return the link to all matches."""
        return f"{ui_url}/?q={quote(self.query, safe='')}"


def limit_sections(sections: Mapping[str, Section], ui_url: str) -> dict[str, Section]:
    """Return the first sections, whose text is short enough for one e-mail: at least one, if there are any."""
    sizes = accumulate(len(_write_section(each.limit(MAX_LISTED), ui_url).encode()) for each in sections.values())
    return dict(islice(sections.items(), max(1, sum(size <= MAX_BYTES for size in sizes))))


def write_digest(sections: Sequence[Section], ui_url: str, stop_url: str) -> MailContent:
    """Return the e-mail about new matches, as text and as HTML.

    Args:
        sections: The saved searches with new matches.
        ui_url: The address of the web UI.
        stop_url: A link that turns the e-mails of all saved searches off.
    """
    limited, room = [], MAX_LISTED
    for section in sections:
        limited.append(section.limit(room))
        room -= len(limited[-1].images)
    pictures = tuple(
        Picture(_photo_url(image, ui_url), Rendition.THUMBNAIL.key(image.owner, image.id))
        for section in limited
        for image in section.images
    )
    subject = f"New photos: {', '.join(section.title for section in limited)}"
    return MailContent(
        subject, _write_text(limited, ui_url, stop_url), _write_html(limited, ui_url, stop_url), pictures, stop_url
    )


def _write_text(sections: Sequence[Section], ui_url: str, stop_url: str) -> str:
    parts = [_write_section(each, ui_url) for each in sections]
    return "\n".join([*parts, f"Stop all e-mails about saved searches: {stop_url}", _NOTE]) + "\n"


def _write_section(section: Section, ui_url: str) -> str:
    lines = [section.title, ""]
    lines += [f"{image.name}: {_list_tags(image)}\n{_photo_url(image, ui_url)}\n" for image in section.images]
    lines += [f"{section.rest}\n"] if section.rest else []
    if section.query:
        lines.append(f"Show all: {section.write_search_url(ui_url)}")
        lines += [f"Pause: {section.pause_url}", f"Delete this saved search: {section.end_url}\n"]
    return "\n".join([*lines, ""])


def _write_html(sections: Sequence[Section], ui_url: str, stop_url: str) -> str:
    """Return the HTML. Its styles are in attributes, because some mail programs ignore style sheets."""
    numbers = count()
    parts = []
    for section in sections:
        parts.append(f'<h2 style="font-size:18px;margin:24px 0 8px">{escape(section.title)}</h2>')
        parts += [_write_photo(image, next(numbers), ui_url) for image in section.images]
        parts += [f'<p style="color:{_MUTED}">{section.rest}</p>'] if section.rest else []
        if section.query:
            links = {
                "Show all": section.write_search_url(ui_url),
                "Pause": section.pause_url,
                "Delete this saved search": section.end_url,
            }
            parts.append(f"<p>{' · '.join(_write_link(text, url) for text, url in links.items())}</p>")
    stop = _write_link("Stop all e-mails about saved searches", stop_url)
    footer = f'<p style="color:{_MUTED};margin-top:32px">{stop}<br>{_NOTE}</p>'
    body = "\n".join([*parts, footer])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>PixTag</title></head>\n'
        f'<body style="font-family:system-ui,sans-serif;font-size:15px;max-width:600px">\n{body}\n</body></html>\n'
    )


def _write_photo(image: Image, number: int, ui_url: str) -> str:
    text = escape(f"{image.name}: {_list_tags(image)}")
    url = escape(_photo_url(image, ui_url))
    return (
        f'<a href="{url}"><img src="cid:{picture_id(number)}" alt="{text}" title="{text}" height="128"'
        ' style="height:128px;border-radius:8px;margin:0 4px 4px 0"></a>'
    )


def _write_link(text: str, url: str) -> str:
    return f'<a href="{escape(url)}" style="color:{_ACCENT}">{text}</a>'


def _photo_url(image: Image, ui_url: str) -> str:
    return f"{ui_url}/photos/{image.id}"


def _list_tags(image: Image) -> str:
    return ", ".join(f"{tag} | {count}" for tag, count in image.tags.items()) or "no tags"


_NOTE: Final = f"Everyone who has this e-mail can use these links for {LINK_DAYS} days. Do not forward it."
