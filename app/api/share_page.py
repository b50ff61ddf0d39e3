"""Renders the pages of shares. They need no script, and contain no metadata of the photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Final

from app.api.page_styles import COLOURS, allow_inline
from app.api.share_texts import TEXTS, ShareTexts, describe
from app.domain.errors import PixTagError, SharePasswordRequired


@dataclass(frozen=True, slots=True)
class Tile:
    """A photo on a page of photos.

    Attributes:
        page: The path of its own page.
        number: Its number in the share.
        thumbnail: A link to its thumbnail.
        large_thumbnail: A link to its large thumbnail.
        width: The width of the photo in pixels.
        height: Its height in pixels.
    """

    page: str
    number: int
    thumbnail: str
    large_thumbnail: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo on its own page.

    Attributes:
        number: Its number in the share. 0 if it is unknown.
        preview: A link to its preview.
        width: The width of the photo in pixels.
        height: Its height in pixels.
        all_photos: The path of the page with all photos.
        previous: The path of the page of the photo before it. None at the start.
        next: The path of the page of the photo after it. None at the end.
        download: The path of its original. None if visitors cannot download it.
        preview_download: The path that downloads the preview. None if visitors can download the original, or nothing.
    """

    number: int
    preview: str
    width: int
    height: int
    all_photos: str
    previous: str | None
    next: str | None
    download: str | None
    preview_download: str | None


def render_photos(
    language: str, title: str, tiles: Sequence[Tile], first_page: str | None, next_page: str | None
) -> str:
    """Return a page of photos. `first_page` and `next_page` are paths, or None if there is no such link."""
    texts = TEXTS[language]
    links = [
        f'<a href="{escape(path)}"{rel}>{label}</a>'
        for path, rel, label in ((first_page, "", texts.first_page), (next_page, ' rel="next"', texts.more_photos))
        if path
    ]
    if tiles:
        content = f'<ul class="photos">{"".join(_render_tile(tile, texts) for tile in tiles)}</ul>'
    else:
        content = f"<p>{texts.empty_page if links else texts.empty}</p>"
    pages = f'<nav class="pages" aria-label="{texts.pages}">{"".join(links)}</nav>' if links else ""
    heading = title or texts.photos
    return _render(language, heading, f"<header><h1>{escape(heading)}</h1></header>{content}{pages}")


def render_photo(language: str, title: str, view: PhotoView) -> str:
    """Return the page of one photo."""
    texts = TEXTS[language]
    sides = [
        f'<a href="{escape(path)}" rel="{rel}" aria-label="{label}">{arrow}</a>' if path else "<span></span>"
        for path, rel, label, arrow in (
            (view.previous, "prev", texts.previous, "&larr;"),
            (view.next, "next", texts.next, "&rarr;"),
        )
    ]
    download, note = "", ""
    if view.download:
        download = f'<a href="{escape(view.download)}">{texts.download}</a>'
    elif view.preview_download:
        download = f'<a href="{escape(view.preview_download)}">{texts.download_preview}</a>'
        note = f'<p class="note">{texts.no_original}</p>'
    name = _name_photo(view.number, texts)
    content = _PHOTO.substitute(
        photos=texts.photos,
        all_photos=f'<a href="{escape(view.all_photos)}">{texts.all_photos}</a>',
        sides="".join(sides),
        download=download,
        note=note,
        preview=escape(view.preview),
        name=name,
        size=_render_size(view.width, view.height),
    )
    return _render(language, f"{name} - {title or texts.photos}", content, kind="photo")


def render_password(language: str, *, is_wrong: bool = False) -> str:
    """Return the page that asks for the password of a share. It does not contain the title."""
    texts, described, alert = TEXTS[language], "", ""
    if is_wrong:
        described = ' aria-invalid="true" aria-describedby="fault"'
        alert = f'<p id="fault" class="fault" role="alert">{texts.form_fault}</p>'
    title, _ = texts.errors[SharePasswordRequired]
    content = _PASSWORD.substitute(
        title=title,
        hint=texts.form_hint,
        label=texts.form_label,
        button=texts.show_photos,
        described=described,
        alert=alert,
    )
    return _render(language, title, content, kind="message")


def render_error(language: str, error: PixTagError, link: str | None = None) -> str:
    """Return a page about a link that does not work, for example. `link` is the path of all photos, or None."""
    texts = TEXTS[language]
    title, text = describe(error, texts)
    back = f'<p><a href="{escape(link)}">{texts.all_photos}</a></p>' if link else ""
    return _render(language, title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{back}", kind="message")


def make_policy(storage: str = "") -> str:
    """Return the content security policy of these pages. Pictures come from `storage`, and nothing else is loaded."""
    pictures = f"img-src {storage}; " if storage else ""
    return (
        f"default-src 'none'; style-src {allow_inline(_STYLE)}; {pictures}"
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _name_photo(number: int, texts: ShareTexts) -> str:
    """Return the name of a photo for people who do not see it. The number can be unknown."""
    return texts.photo.format(number=number or "").strip()


def _render_tile(tile: Tile, texts: ShareTexts) -> str:
    name = _name_photo(tile.number, texts)
    return (
        f'<li><a href="{escape(tile.page)}"><img src="{escape(tile.thumbnail)}"'
        f' srcset="{escape(tile.thumbnail)} 1x, {escape(tile.large_thumbnail)} 2x" alt="{name}"'
        f'{_render_size(tile.width, tile.height)} loading="lazy" decoding="async"></a></li>'
    )


def _render_size(width: int, height: int) -> str:
    """Return the attributes with which browsers reserve the space of a picture. Old images may lack a size."""
    return f' width="{width}" height="{height}"' if width and height else ""


def _render(language: str, title: str, content: str, *, kind: str = "list") -> str:
    texts = TEXTS[language]
    return _PAGE.substitute(
        language=language, style=_STYLE, title=escape(title), kind=kind, content=content, footer=texts.footer
    )


_RULES: Final = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--accent-text); text-underline-offset: 0.2em; }
:focus-visible { outline: 3px solid var(--accent-text); outline-offset: 2px; }
h1 { margin: 0; font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2.25rem); font-weight: 650; line-height: 1.2;
  letter-spacing: -0.02em; overflow-wrap: anywhere; }
p { margin: 0.5rem 0 1rem; color: var(--muted); }
footer { padding: 2rem 1rem; color: var(--muted); font-size: 0.8125rem; text-align: center; }

.list main { padding-inline: max(1rem, 3vw); }
.list header { padding-block: clamp(1.5rem, 5vw, 3.5rem) clamp(1rem, 2vw, 1.5rem); }
.photos { display: flex; flex-wrap: wrap; gap: clamp(4px, 0.6vw, 10px); margin: 0; padding: 0; list-style: none; }
.photos li { flex: 1 1 auto; height: clamp(7rem, 24vw, 16rem); }
.photos li:last-child { flex-grow: 0; max-width: 100%; }
.photos a { display: block; height: 100%; border-radius: 6px; overflow: hidden; background: var(--line); }
.photos img { display: block; width: auto; min-width: 100%; max-width: 100%; height: 100%; object-fit: cover;
  color: var(--muted); font-size: 0.8125rem; }
.pages { display: flex; flex-wrap: wrap; justify-content: center; gap: 0.75rem; padding-block-start: 2rem; }
.pages a, .bar a { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 1.125rem;
  border: 1px solid var(--line-strong); border-radius: 999px; background: var(--surface); color: var(--text);
  font-weight: 550; text-decoration: none; }
.pages a:hover, .bar a:hover { border-color: var(--accent-text); color: var(--accent-text); }

.photo main { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; height: 100vh; height: 100dvh; }
.photo footer { display: none; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; padding: 0.5rem max(0.5rem, 1vw); }
.bar h1 { margin-inline-start: auto; padding-inline: 0.5rem; color: var(--muted); font-size: 0.9375rem;
  font-weight: 400; letter-spacing: 0; }
.bar .sides { display: grid; grid-template-columns: 2.75rem 2.75rem; gap: 0.5rem; }
.bar .sides a { justify-content: center; padding: 0; }
figure { display: grid; place-items: center; min-height: 0; margin: 0; padding: 0 max(0.5rem, 1vw) 0.5rem; }
figure img { max-width: 100%; max-height: 100%; width: auto; height: auto; border-radius: 4px; object-fit: contain;
  background: var(--line); min-height: 0; }
.note { margin: 0; padding: 0.25rem 1rem 0.75rem; font-size: 0.8125rem; text-align: center; }

.message main { max-width: 30rem; margin: 0 auto; padding: clamp(3rem, 14vh, 9rem) 1.25rem 1rem; }
form { display: grid; gap: 0.75rem; margin-block-start: 1.5rem; }
label { display: grid; gap: 0.25rem; font-weight: 550; }
input, button { min-height: 2.75rem; border-radius: 8px; font: inherit; }
input { width: 100%; padding: 0 0.75rem; border: 1px solid var(--line-strong); background: var(--surface);
  color: inherit; }
button { padding: 0 1.25rem; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600;
  cursor: pointer; }
.fault { margin: 0; color: var(--text); font-weight: 550; }
@media (max-width: 30rem) {
  .bar h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .bar .sides { margin-inline-start: auto; }
}
"""
_STYLE: Final = COLOURS + _RULES

_PAGE: Final = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow, noarchive">
<title>$title</title>
<style>$style</style>
</head>
<body class="$kind">
<main>$content</main>
<footer>$footer</footer>
</body>
</html>
""")

_PHOTO: Final = Template("""
<nav class="bar" aria-label="$photos">$all_photos$download<h1>$name</h1>
<div class="sides">$sides</div></nav>
<figure><img src="$preview" alt="$name"$size></figure>
$note""")

_PASSWORD: Final = Template("""
<h1>$title</h1>
<p>$hint</p>
<form method="post">
<label>$label
<input type="password" name="password" required maxlength="128" autocomplete="off" autofocus$described></label>
$alert<button>$button</button>
</form>""")
