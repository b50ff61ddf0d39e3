"""Renders the page that shows e-mails, and their JSON form. The local cloud uses it too."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from html import escape
from string import Template
from typing import Final
from urllib.parse import urlencode

from pydantic import TypeAdapter

from app.api.page_styles import COLOURS, allow_inline
from app.domain.mail import StoredMail

_WEB_ADDRESS: Final = re.compile(r"(https?://[^\s<>\"']+)")
_CODE: Final = re.compile(r"([0-9]{6}) is your PixTag code\b")  # the start of each e-mail with a code

MAILS: Final = TypeAdapter(list[StoredMail])


def render_page(mails: Sequence[StoredMail], to: str, link_picture: Callable[[str], str]) -> str:
    """Return an HTML page with the e-mails. All text in them is escaped, because it can be malicious.

    Args:
        mails: The e-mails.
        to: The address whose e-mails these are. It is empty if they are all e-mails.
        link_picture: Returns a link to the thumbnail with a key.
    """
    return _PAGE.substitute(
        style=_STYLE,
        script=_SCRIPT,
        to=escape(to),
        summary=_summarize(len(mails), to),
        mails="\n".join(_render_article(mail, link_picture) for mail in mails),
    )


def _summarize(count: int, to: str) -> str:
    words = f"{count or 'No'} e-mail{'' if count == 1 else 's'}"
    if to:
        return f'{words} to <strong>{escape(to)}</strong>. <a href="/mailbox">Show all</a>'
    return words if count else "No e-mails yet. Codes appear here when someone registers or resets a password."


def _render_article(mail: StoredMail, link_picture: Callable[[str], str]) -> str:
    sent_at = _to_local_time(mail.sent_at)
    code = _CODE.match(mail.body)
    return _ARTICLE.substitute(
        subject=escape(mail.subject) or "(no subject)",
        to=escape(mail.to),
        link=escape(f"/mailbox?{urlencode({'to': mail.to})}"),
        sent_at=mail.sent_at.isoformat(),
        when=f"{sent_at.day} {sent_at:%B %Y, %H:%M:%S}",
        code=_CODE_LINE.substitute(code=code[1]) if code else "",
        body=_link_addresses(mail.body, {each.url: link_picture(each.key) for each in mail.pictures}),
    )


def _to_local_time(moment: datetime) -> datetime:
    """Return the time in this machine's time zone. A damaged time can be at the end of the calendar."""
    with suppress(OverflowError):
        return moment.astimezone()
    return moment


def _link_addresses(text: str, pictures: Mapping[str, str]) -> str:
    """Return the text as HTML. Turn HTTP and HTTPS URLs into links and escape everything else.

    The link to a photo in `pictures` shows its thumbnail.
    """
    parts = [escape(part) for part in _WEB_ADDRESS.split(text)]
    thumbnails = {
        escape(url): f'<img src="{escape(source)}" alt="" height="96" loading="lazy">'
        for url, source in pictures.items()
    }
    parts[1::2] = [f'<a href="{address}">{thumbnails.get(address, "")}{address}</a>' for address in parts[1::2]]
    return "".join(parts)


# The theme that the person has chosen in the web UI, as in static/public/assets/theme-v1.js.
_SCRIPT: Final = """{
  const theme = localStorage.getItem("pixtag:theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
}
"""

_RULES: Final = """:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
body {
  max-width: 44rem; margin: 0 auto; padding: 2rem 1rem 4rem; background: var(--ground); color: var(--text);
  font: 0.9375rem/1.5 system-ui, sans-serif;
}
h1, h2, p, pre { margin: 0; }
h1 { margin-bottom: 0.25rem; font-size: 1.75rem; font-weight: 650; letter-spacing: -0.02em; line-height: 1.2; }
h2 { font-size: 1.0625rem; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
a { color: var(--accent-text); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
.muted, .summary { color: var(--muted); overflow-wrap: anywhere; }
.summary strong { color: var(--text); }
form { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem; margin: 1.5rem 0 1rem; }
label { display: grid; flex: 1 1 12rem; gap: 0.25rem; font-weight: 550; }
input, button { min-height: 2.75rem; border-radius: 8px; font: inherit; font-weight: 400; }
input {
  width: 100%; padding: 0 0.75rem; border: 1px solid var(--line-strong); background: var(--surface); color: inherit;
}
input::placeholder { color: var(--muted); opacity: 1; }
button {
  padding: 0 1.25rem; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer;
}
article {
  display: grid; gap: 0.75rem; margin-top: 1rem; padding: 1rem 1.25rem; border: 1px solid var(--line);
  border-radius: 14px; background: var(--surface);
}
article .muted { font-size: 0.8125rem; }
time, .summary a { white-space: nowrap; }
.code { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem; color: var(--muted); }
.code code {
  padding: 0.25rem 0.875rem; border-radius: 8px; background: var(--accent-soft); color: var(--accent-text);
  font: 600 1.75rem/1.4 ui-monospace, Menlo, Consolas, monospace; letter-spacing: 0.12em; user-select: all;
  -webkit-user-select: all;
}
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
pre img { display: block; border-radius: 8px; }
"""
_STYLE: Final = COLOURS + _RULES

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Mailbox &ndash; PixTag</title>
<style>$style</style>
<script>$script</script>
</head>
<body>
<main>
<h1>Mailbox</h1>
<p class="muted">PixTag sends no e-mails from this machine. They are shown here instead, newest first. Reload the page
to see new ones.</p>
<form action="/mailbox">
<label>E-mail address
<input type="search" name="to" value="$to" inputmode="email" autocapitalize="none" autocomplete="off" maxlength="128"
placeholder="All addresses"></label>
<button>Show</button>
</form>
<p class="summary">$summary</p>
$mails
</main>
</body>
</html>
""")

_ARTICLE: Final = Template("""<article>
<div>
<h2>$subject</h2>
<p class="muted">To <a href="$link">$to</a>, <time datetime="$sent_at">$when</time></p>
</div>
$code<pre>$body</pre>
</article>""")

_CODE_LINE: Final = Template("""<p class="code"><code>$code</code> Click the code to select it.</p>
""")


SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src {allow_inline(_STYLE)}; script-src {allow_inline(_SCRIPT)}; img-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
