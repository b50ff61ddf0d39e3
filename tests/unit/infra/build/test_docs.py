from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from mkdocs.exceptions import PluginError

from infra.build import docs


@pytest.mark.parametrize(
    ("page", "link", "adapted"),
    [
        ("operations.md", "[x](cost.md#prices)", "[x](cost.md#prices)"),
        ("operations.md", "[x](../README.md#searching)", "[x](project/readme.md#searching)"),
        ("adr/0001.md", "[x](../../SECURITY.md)", "[x](../project/security.md)"),
        ("project/readme.md", "![x](docs/library.webp)", "![x](../library.webp)"),
        ("project/readme.md", "[x](CONTRIBUTING.md)", "[x](contributing.md)"),
        ("operations.md", "See [`the lock`](../requirements.lock).", "See `the lock`."),
        ("operations.md", "[x](../no-such-file.py)", "[x](../no-such-file.py)"),
        ("operations.md", "[x](../../outside.md)", "[x](../../outside.md)"),
        ("operations.md", "[x](https://example.com/a#b) [y](#z)", "[x](https://example.com/a#b) [y](#z)"),
    ],
)
def test_adapt_links_returns_links_that_work_on_the_site(page: str, link: str, adapted: str) -> None:
    assert docs.adapt_links(link, page) == adapted


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ('<script src="https://cdn.example/a.js"></script>', ["https://cdn.example/a.js"]),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', ["//fonts.example/a.css"]),
        ('<link rel="preconnect" href="https://fonts.example">', ["https://fonts.example"]),
        ('<img alt="" srcset="a.png 1x, https://cdn.example/b.png 2x">', ["a.png 1x, https://cdn.example/b.png 2x"]),
        ('<style>@import "https://fonts.example/a.css";</style>', ["https://fonts.example/a.css"]),
        ("a { background: url('HTTP://cdn.example/a.png') }", ["HTTP://cdn.example/a.png"]),
        ("a { background: url(data:image/svg+xml;x//y) } b { background: url(../a.png) }", []),
        ('<a href="https://example.com">x</a> <link rel="canonical" href="https://example.com">', []),
        ('<img src="../a.png"> <script src="a.js"></script> <svg xmlns="http://www.w3.org/2000/svg"></svg>', []),
    ],
)
def test_find_foreign_addresses_returns_those_that_a_browser_loads(text: str, addresses: list[str]) -> None:
    assert docs.find_foreign_addresses(text) == addresses


def test_on_post_build_with_a_file_from_another_host_raises_plugin_error(tmp_path: Path) -> None:
    site = cast("Any", SimpleNamespace(site_dir=str(tmp_path)))
    (tmp_path / "index.html").write_text('<img src="a.png">')
    docs.on_post_build(site)

    (tmp_path / "adr").mkdir()
    (tmp_path / "adr" / "0001.html").write_text('<img src="https://img.example/badge.svg">')
    with pytest.raises(PluginError, match=r"adr/0001\.html.*https://img\.example/badge\.svg"):
        docs.on_post_build(site)


def test_on_post_page_adds_the_script_only_to_a_page_with_a_diagram() -> None:
    page = cast("Any", SimpleNamespace(url="adr/0001.html"))
    text = "<html><head></head><body>{}</body></html>"

    assert "<script" not in docs.on_post_page(text.format("<p>mermaid</p>"), page)
    with_diagram = docs.on_post_page(text.format('<pre class="mermaid"><code>graph LR</code></pre>'), page)
    assert '<script src="../assets/mermaid.js"></script></body>' in with_diagram


def test_on_post_page_adds_the_security_policy() -> None:
    page = docs.on_post_page("<html><head></head><body></body></html>", cast("Any", SimpleNamespace(url="index.html")))

    assert page.startswith('<html><head><meta http-equiv="Content-Security-Policy" content="default-src \'self\' ')
