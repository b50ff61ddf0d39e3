"""Defines MkDocs hooks for the documentation site. MkDocs builds the site from docs/ and calls the hooks by name.

The hooks create the navigation. They add pages and a script from outside docs/, and adapt the links to these pages.
They fail the build if the site loads files from another host.
"""

import os
import re
from html.parser import HTMLParser
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NODE_MODULES = Path(__file__).parent / "site" / "node_modules"
MERMAID = "assets/mermaid.js"

# These pages come first in the navigation. The other pages are sorted by name.
FIRST = ("index.md", "usage.md", "run.md", "architecture.md", "operations.md", "detector.md")
# These files in the root folder become pages of the site.
PROJECT = {f"{name}.md": f"project/{name.lower()}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")}

LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")
LOADING = {"src", "srcset", "href", "xlink:href", "data", "poster"}
NOT_LOADED = {"alternate", "canonical", "next", "prev"}
STYLE_ADDRESS = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""")
FOREIGN = re.compile(r"(?:^|[\s,])(?:https?:)?//", re.IGNORECASE)

# Browsers block all requests to other hosts, including requests by scripts. Pages opened from disk need `file:`.
POLICY = "default-src 'self' file: data: blob: 'unsafe-inline'"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List every page in the navigation."""
    pages = sorted(
        (page.name for page in DOCS.glob("*.md")),
        key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name),
    )
    decisions = sorted((DOCS / "adr").glob("*.md"), key=lambda page: (page.name[0].isdigit(), page.name))
    config.nav = [
        *pages,
        {"Decisions": [f"adr/{page.name}" for page in decisions]},
        {"Project": [{"README": PROJECT["README.md"]}, *list(PROJECT.values())[1:]]},
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the project's pages and the script that draws diagrams."""
    for name, page in PROJECT.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text()))
    script = NODE_MODULES / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"
    files.append(File.generated(config, MERMAID, abs_src_path=str(script)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Adapt the page's links to the site."""
    return adapt_links(markdown, page.file.src_uri)


def on_post_page(output: str, page: Page, **_: object) -> str:
    """Add the security policy. If the page has a diagram, also add the script that draws it."""
    output = output.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">', 1)
    if '<pre class="mermaid">' in output:
        script = os.path.relpath(MERMAID, Path(page.url).parent)
        output = output.replace("</body>", f'<script src="{script}"></script></body>')
    return output


def on_post_build(config: MkDocsConfig) -> None:
    """Fail the build if the site loads files from another host.

    Raises:
        PluginError: a page or style sheet loads such a file. The message lists the pages, style sheets and URLs.
    """
    site = Path(config.site_dir)
    foreign = {
        path.relative_to(site).as_posix(): addresses
        for path in sorted(site.rglob("*"))
        if path.suffix in {".html", ".css"} and (addresses := find_foreign_addresses(path.read_text()))
    }
    if foreign:
        message = f"The site loads files from other hosts: {foreign}"
        raise PluginError(message)


def adapt_links(markdown: str, page: str) -> str:
    """Return a page's text with links that work on the site.

    A link to a file that is not on the site, such as source code, becomes plain text.

    Args:
        markdown: The text of the page. Its links are relative to the page's folder in the repository.
        page: The page's path on the site.
    """
    folder = ROOT if page in PROJECT.values() else (DOCS / page).parent

    def adapt(link: re.Match[str]) -> str:
        target = Path(os.path.normpath(folder / link["path"]))
        name = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
        place = PROJECT.get(name) or (target.relative_to(DOCS).as_posix() if target.is_relative_to(DOCS) else None)
        if place is None:
            return link["text"] if name and target.exists() else link[0]
        path = os.path.relpath(place, Path(page).parent)
        return f"{link['image']}[{link['text']}]({path}{link['anchor'] or ''})"

    return LINK.sub(adapt, markdown)


class _LoadedAddresses(HTMLParser):
    """Collects the URLs that a browser loads with a page. Links that readers can click are not included."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add the URLs in the attributes of a tag."""
        relation = dict(attrs).get("rel")
        if tag != "a" and relation not in NOT_LOADED:
            self.addresses += [value for name, value in attrs if value and name in LOADING]


def find_foreign_addresses(text: str) -> list[str]:
    """Return the URLs on other hosts that a page or style sheet loads."""
    page = _LoadedAddresses()
    page.feed(text)
    return [address for address in [*page.addresses, *STYLE_ADDRESS.findall(text)] if FOREIGN.search(address)]
