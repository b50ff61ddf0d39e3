"""A mail on a laptop, and mails as a page for people; knows nothing of how they come and go."""

import base64
import hashlib
import re
from collections.abc import Sequence
from html import escape
from string import Template

from pydantic import AwareDatetime, BaseModel, TypeAdapter

_LINK = re.compile(r"(https?://[^\s<>\"']+)")


class Mail(BaseModel, frozen=True):
    """A mail to one address."""

    to: str
    subject: str
    body: str
    sent_at: AwareDatetime


MAILS = TypeAdapter(list[Mail])


def page(mails: Sequence[Mail], to: str) -> str:
    """Return the mails, which may hold anything, as a page for people."""
    nothing = f"<p>No mail{' to ' + escape(to) if to else ''} yet.</p>"
    shown = "\n".join(map(_article, mails)) or nothing
    return _PAGE.substitute(style=_STYLE, to=escape(to), mails=shown)


def _article(mail: Mail) -> str:
    return _ARTICLE.substitute(
        subject=escape(mail.subject) or "(no subject)",
        to=escape(mail.to),
        sent_at=mail.sent_at.isoformat(),
        when=mail.sent_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        body=_linked(mail.body),
    )


def _linked(text: str) -> str:
    """Return a text as HTML in which addresses of pages, and nothing else, are links."""
    parts = [escape(part) for part in _LINK.split(text)]
    parts[1::2] = [f'<a href="{address}">{address}</a>' for address in parts[1::2]]
    return "".join(parts)


_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 45rem; margin: 0 auto; padding: 1rem; }
article { border-top: 1px solid; padding-block: 1rem; }
h2, p { margin: 0; font-size: 1rem; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
input, button { font: inherit; }
"""

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PixTag's mailbox</title>
<style>$style</style>
<h1>Mailbox</h1>
<form action="/mailbox">
<label>To <input type="email" name="to" value="$to" placeholder="everybody"></label> <button>Show</button>
</form>
<main>
$mails
</main>
</html>
""")

_ARTICLE = Template("""<article>
<h2>$subject</h2>
<p>to $to, <time datetime="$sent_at">$when</time></p>
<pre>$body</pre>
</article>""")

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
