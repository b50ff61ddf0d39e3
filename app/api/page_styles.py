"""Defines the colours of the pages that PixTag renders itself, and allows their styles and scripts in a policy."""

import base64
import hashlib
from typing import Final

# These are the colours of static/src/styles/tokens.css.
COLOURS: Final = """
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfbfa, #111312); --surface: light-dark(#fff, #1b1e1c); --line: light-dark(#e1e1dc, #2d312f);
  --line-strong: light-dark(#85867f, #7a827d); --text: light-dark(#1a1c1a, #eceeec);
  --muted: light-dark(#5b5e58, #a6ada8); --accent: light-dark(#0b6e5f, #53d3b8); --on-accent: light-dark(#fff, #05231d);
  --accent-text: light-dark(#0a6355, #7be2cb); --accent-soft: light-dark(#ddf1ec, #123a33);
}
"""


def allow_inline(text: str) -> str:
    """Return the source with which a content security policy allows exactly this inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
