"""Contains the texts of the pages of shares, in each language of the web UI."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain import errors

Message = tuple[str, str]
"""A title, and what it means."""


@dataclass(frozen=True, slots=True)
class ShareTexts:
    """The texts in one language. Those of photos contain `{number}`, and `wait` contains `{seconds}`."""

    photos: str
    photo: str
    all_photos: str
    first_page: str
    more_photos: str
    pages: str
    previous: str
    next: str
    download: str
    download_preview: str
    no_original: str
    empty: str
    empty_page: str
    form_label: str
    form_hint: str
    show_photos: str
    form_fault: str
    footer: str
    wait: Message
    later: Message
    errors: Mapping[type[errors.PixTagError], Message]


TEXTS: Final[Mapping[str, ShareTexts]] = {
    "en": ShareTexts(
        photos="Photos",
        photo="Photo {number}",
        all_photos="All photos",
        first_page="First page",
        more_photos="More photos",
        pages="Pages",
        previous="Previous photo",
        next="Next photo",
        download="Download",
        download_preview="Download preview",
        no_original="The original cannot be downloaded, because PixTag cannot remove its metadata.",
        empty="There are no photos here at the moment.",
        empty_page="There are no photos on this page.",
        form_label="Password",
        form_hint="The person who shared these photos can tell you the password.",
        show_photos="Show photos",
        form_fault="This password is wrong. Try again.",
        footer="Shared with PixTag",
        wait=("Please wait", "Too many requests were sent. Try again in {seconds} seconds."),
        later=("Try again later", "PixTag cannot show the photos at the moment."),
        errors={
            errors.OriginalNotShared: (
                "This original cannot be downloaded",
                "You can download the large preview instead.",
            ),
            errors.ShareLinkInvalid: ("This link does not work", "It may have expired, or the owner has ended it."),
            errors.SharedPhotoNotFound: ("This photo is not here", "It is not shared, or no longer."),
            errors.SharePasswordRequired: ("This link has a password", "Enter it to see the photos."),
        },
    ),
    "de": ShareTexts(
        photos="Fotos",
        photo="Foto {number}",
        all_photos="Alle Fotos",
        first_page="Erste Seite",
        more_photos="Weitere Fotos",
        pages="Seiten",
        previous="Voriges Foto",
        next="Nächstes Foto",
        download="Herunterladen",
        download_preview="Vorschau herunterladen",
        no_original="Das Original gibt es nicht, weil PixTag seine Metadaten nicht entfernen kann.",
        empty="Hier gibt es zurzeit keine Fotos.",
        empty_page="Auf dieser Seite gibt es keine Fotos.",
        form_label="Passwort",
        form_hint="Frag die Person, die diese Fotos geteilt hat, nach dem Passwort.",
        show_photos="Fotos zeigen",
        form_fault="Dieses Passwort ist falsch. Versuch es noch einmal.",
        footer="Geteilt mit PixTag",
        wait=("Bitte warte", "Es kamen zu viele Anfragen. Versuch es in {seconds} Sekunden noch einmal."),
        later=("Versuch es später noch einmal", "PixTag kann die Fotos zurzeit nicht zeigen."),
        errors={
            errors.OriginalNotShared: (
                "Dieses Original lässt sich nicht herunterladen",
                "Stattdessen kannst du die große Vorschau herunterladen.",
            ),
            errors.ShareLinkInvalid: (
                "Dieser Link funktioniert nicht",
                "Vielleicht ist er abgelaufen, oder er wurde beendet.",
            ),
            errors.SharedPhotoNotFound: ("Dieses Foto ist nicht hier", "Es ist nicht oder nicht mehr geteilt."),
            errors.SharePasswordRequired: ("Dieser Link hat ein Passwort", "Gib es ein, um die Fotos zu sehen."),
        },
    ),
}
"""The texts of each language in `languages.LANGUAGES`."""


def describe(error: errors.PixTagError, texts: ShareTexts) -> Message:
    """Return the title and the text of a page about an error."""
    if seconds := isinstance(error, errors.TooManyRequests) and error.retry_after:
        title, text = texts.wait
        return title, text.format(seconds=seconds)
    return texts.errors.get(type(error), texts.later)
