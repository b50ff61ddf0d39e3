"""Renders the pages behind the links in digests. They need no script and no sign-in."""

from html import escape
from string import Template
from typing import Final

from app.api.page_styles import COLOURS, allow_inline
from app.domain.mail_links import LinkAction
from app.services.mail_links import OpenedLink

_QUESTIONS: Final = {
    LinkAction.PAUSE: ("Pause “{name}”?", "New matches wait until you continue the saved search in PixTag.", "Pause"),
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
}
_RESULTS: Final = {
    LinkAction.PAUSE: ("This saved search is paused", "You can continue it in PixTag."),
    LinkAction.END: ("This saved search is deleted", "You get no more e-mails about it. Your photos are still there."),
    LinkAction.STOP: ("E-mails about saved searches are off", "You can turn them on again in PixTag."),
}
_DONE_BEFORE: Final = {
    LinkAction.PAUSE: ("This saved search is already paused or deleted", "There is nothing to do."),
    LinkAction.END: ("This saved search is already deleted", "There is nothing to do."),
    LinkAction.STOP: ("E-mails about saved searches are already off", "There is nothing to do."),
}
_EXPIRED: Final = ("This link has expired", "Sign in to PixTag to change your saved searches, or use a newer e-mail.")
_NOT_VALID: Final = (
    "This link is not valid",
    (
        "It is incomplete, or PixTag was installed again since the e-mail was sent. Copy the whole link from it, or"
        " sign in to PixTag to change your saved searches."
    ),
)


def render_question(opened: OpenedLink) -> str:
    """Return the page that asks before a link changes anything, because virus filters open all links in e-mails."""
    if opened.is_expired:
        return _render(*_EXPIRED)
    if not opened.searches:
        return _render(*_DONE_BEFORE[opened.link.action])
    title, text, button = _QUESTIONS[opened.link.action]
    form = f'<form method="post"><button>{button}</button></form>'
    return _render(title.format(name=opened.searches[0].name), text, form)


def render_result(opened: OpenedLink) -> str:
    """Return the page after a link has done what it says."""
    if opened.is_expired:
        return _render(*_EXPIRED)
    results = _RESULTS if opened.searches else _DONE_BEFORE
    return _render(*results[opened.link.action])


def render_not_valid() -> str:
    """Return the page of a link that is not valid."""
    return _render(*_NOT_VALID)


def _render(title: str, text: str, form: str = "") -> str:
    return _PAGE.substitute(style=_STYLE, title=escape(title), text=escape(text), form=form)


_RULES: Final = """* { box-sizing: border-box; }
body {
  max-width: 34rem; margin: 0 auto; padding: 4rem 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0 0 0.5rem; font-size: 1.75rem; font-weight: 650; line-height: 1.2; overflow-wrap: anywhere; }
p { margin: 0 0 1.5rem; color: var(--muted); }
a { color: var(--accent-text); }
:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
form { margin: 0 0 1.5rem; }
button {
  min-height: 2.75rem; padding: 0 1.25rem; border: 0; border-radius: 8px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer;
}
"""
_STYLE: Final = COLOURS + _RULES

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>$title &ndash; PixTag</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$title</h1>
<p>$text</p>
$form
<p><a href="/alerts">Open PixTag</a></p>
</main>
</body>
</html>
""")

SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src {allow_inline(_STYLE)}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
