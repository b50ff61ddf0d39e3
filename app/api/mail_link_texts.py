"""Contains the texts of the pages behind the links in digests, in each language of the web UI."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.mail_links import LinkAction


@dataclass(frozen=True, slots=True)
class LinkTexts:
    """The texts in one language: titles, then what they mean.

    Attributes:
        questions: A title with the name of the saved search, a text and the button.
        results: What a link has done.
        done_before: Why a link has nothing to do.
        expired: The page of a link that has expired.
        not_valid: The page of a link that is not valid.
        open_pixtag: The link to the web UI.
    """

    questions: Mapping[LinkAction, tuple[str, str, str]]
    results: Mapping[LinkAction, tuple[str, str]]
    done_before: Mapping[LinkAction, tuple[str, str]]
    expired: tuple[str, str]
    not_valid: tuple[str, str]
    open_pixtag: str


_ENGLISH: Final = LinkTexts(
    questions={
        LinkAction.PAUSE: (
            "Pause “{name}”?",
            "New matches wait until you continue the saved search in PixTag.",
            "Pause",
        ),
        LinkAction.END: (
            "Delete “{name}”?",
            "PixTag forgets this saved search and sends no more e-mails about it. Your photos stay.",
            "Delete the saved search",
        ),
        LinkAction.STOP: (
            "Stop all e-mails?",
            "You get no more e-mails about saved searches. Your saved searches and photos stay.",
            "Stop all e-mails",
        ),
    },
    results={
        LinkAction.PAUSE: ("This saved search is paused", "You can continue it in PixTag."),
        LinkAction.END: (
            "This saved search is deleted",
            "You get no more e-mails about it. Your photos are still there.",
        ),
        LinkAction.STOP: ("E-mails about saved searches are off", "You can turn them on again in PixTag."),
    },
    done_before={
        LinkAction.PAUSE: ("This saved search is already paused or deleted", "There is nothing to do."),
        LinkAction.END: ("This saved search is already deleted", "There is nothing to do."),
        LinkAction.STOP: ("E-mails about saved searches are already off", "There is nothing to do."),
    },
    expired=("This link has expired", "Sign in to PixTag to change your saved searches, or use a newer e-mail."),
    not_valid=(
        "This link is not valid",
        (
            "It is incomplete, or PixTag was installed again since the e-mail was sent. Copy the whole link from it, or"
            " sign in to PixTag to change your saved searches."
        ),
    ),
    open_pixtag="Open PixTag",
)
_GERMAN: Final = LinkTexts(
    questions={
        LinkAction.PAUSE: (
            "„{name}“ pausieren?",
            "Neue Treffer warten, bis du die gespeicherte Suche in PixTag fortsetzt.",
            "Pausieren",
        ),
        LinkAction.END: (
            "„{name}“ löschen?",
            "PixTag vergisst diese gespeicherte Suche und schickt dazu keine E-Mails mehr. Deine Fotos bleiben.",
            "Gespeicherte Suche löschen",
        ),
        LinkAction.STOP: (
            "Alle E-Mails abstellen?",
            "Du bekommst keine E-Mails über gespeicherte Suchen mehr. Deine gespeicherten Suchen und Fotos bleiben.",
            "Alle E-Mails abstellen",
        ),
    },
    results={
        LinkAction.PAUSE: ("Diese gespeicherte Suche ist pausiert", "Du kannst sie in PixTag fortsetzen."),
        LinkAction.END: (
            "Diese gespeicherte Suche ist gelöscht",
            "Du bekommst dazu keine E-Mails mehr. Deine Fotos sind noch da.",
        ),
        LinkAction.STOP: (
            "E-Mails über gespeicherte Suchen sind aus",
            "In PixTag kannst du sie wieder einschalten.",
        ),
    },
    done_before={
        LinkAction.PAUSE: ("Diese gespeicherte Suche ist schon pausiert oder gelöscht", "Es gibt nichts zu tun."),
        LinkAction.END: ("Diese gespeicherte Suche ist schon gelöscht", "Es gibt nichts zu tun."),
        LinkAction.STOP: ("E-Mails über gespeicherte Suchen sind schon aus", "Es gibt nichts zu tun."),
    },
    expired=(
        "Dieser Link ist abgelaufen",
        "Melde dich bei PixTag an, um deine gespeicherten Suchen zu ändern, oder nimm eine neuere E-Mail.",
    ),
    not_valid=(
        "Dieser Link ist nicht gültig",
        (
            "Er ist unvollständig, oder PixTag wurde nach dem Versand der E-Mail neu installiert. Kopiere den ganzen"
            " Link aus der E-Mail, oder melde dich bei PixTag an, um deine gespeicherten Suchen zu ändern."
        ),
    ),
    open_pixtag="PixTag öffnen",
)
TEXTS: Final[Mapping[str, LinkTexts]] = {"en": _ENGLISH, "de": _GERMAN}
