"""Renders the page that shows e-mails, and their JSON form. The local cloud uses it too."""

import base64
import hashlib
import re
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Final

from pydantic import TypeAdapter

from app.domain.mail import StoredMail

_WEB_ADDRESS: Final = re.compile(r"(https?://[^\s<>\"']+)")


MAILS: Final = TypeAdapter(list[StoredMail])


def render_page(mails: Sequence[StoredMail], to: str) -> str:
    """Return an HTML page with the e-mails. All text in them is escaped, because it can be malicious."""
    empty = f"<p>No e-mails{' to ' + escape(to) if to else ''} yet.</p>"
    articles = "\n".join(map(_render_article, mails)) or empty
    return _PAGE.substitute(style=_STYLE, to=escape(to), mails=articles)


def _render_article(mail: StoredMail) -> str:
    return _ARTICLE.substitute(
        subject=escape(mail.subject) or "(no subject)",
        to=escape(mail.to),
        sent_at=mail.sent_at.isoformat(),
        when=mail.sent_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        body=_link_addresses(mail.body),
    )


def _link_addresses(text: str) -> str:
    """Return the text as HTML. Turn HTTP and HTTPS URLs into links and escape everything else."""
    parts = [escape(part) for part in _WEB_ADDRESS.split(text)]
    parts[1::2] = [f'<a href="{address}">{address}</a>' for address in parts[1::2]]
    return "".join(parts)


_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 45rem; margin: 0 auto; padding: 1rem; }
article { border-top: 1px solid; padding-block: 1rem; }
h2, p { margin: 0; font-size: 1rem; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
input, button { font: inherit; }
"""

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PixTag mailbox</title>
<style>$style</style>
<h1>Mailbox</h1>
<form action="/mailbox">
<label>To <input type="email" name="to" value="$to" placeholder="all addresses"></label> <button>Show</button>
</form>
<main>
$mails
</main>
</html>
""")

_ARTICLE: Final = Template("""<article>
<h2>$subject</h2>
<p>to $to, <time datetime="$sent_at">$when</time></p>
<pre>$body</pre>
</article>""")

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

SECURITY_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
