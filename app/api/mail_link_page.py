"""Renders the pages behind the links in digests. They need no script and no sign-in."""

from html import escape
from string import Template
from typing import Final

from app.api.mail_link_texts import TEXTS
from app.api.page_styles import COLOURS, allow_inline
from app.services.mail_links import OpenedLink


def render_question(opened: OpenedLink, language: str) -> str:
    """Return the page that asks before a link changes anything, because virus filters open all links in e-mails."""
    texts = TEXTS[language]
    if opened.is_expired:
        return _render(language, *texts.expired)
    if not opened.searches:
        return _render(language, *texts.done_before[opened.link.action])
    title, text, button = texts.questions[opened.link.action]
    form = f'<form method="post"><button>{button}</button></form>'
    return _render(language, title.format(name=opened.searches[0].name), text, form)


def render_result(opened: OpenedLink, language: str) -> str:
    """Return the page after a link has done what it says."""
    texts = TEXTS[language]
    if opened.is_expired:
        return _render(language, *texts.expired)
    results = texts.results if opened.searches else texts.done_before
    return _render(language, *results[opened.link.action])


def render_not_valid(language: str) -> str:
    """Return the page of a link that is not valid."""
    return _render(language, *TEXTS[language].not_valid)


def _render(language: str, title: str, text: str, form: str = "") -> str:
    return _PAGE.substitute(
        language=language,
        style=_STYLE,
        title=escape(title),
        text=escape(text),
        form=form,
        open_pixtag=TEXTS[language].open_pixtag,
    )


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
<html lang="$language">
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
<p><a href="/alerts">$open_pixtag</a></p>
</main>
</body>
</html>
""")

SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src {allow_inline(_STYLE)}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
