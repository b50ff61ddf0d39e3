import unicodedata
from urllib.parse import unquote

import pytest

from app.domain.file_names import MAX_NAME_BYTES, clean_file_name, make_disposition, make_download_name
from app.domain.media_types import ENDINGS, MEDIA_TYPES
from tests.support.domain_images import make_image

ACTIVE_ENDINGS = (
    *(".html", ".htm", ".xhtml", ".mht", ".svg", ".xml", ".xsl", ".pdf", ".js", ".mjs", ".jse", ".vbs", ".wsf", ".hta"),
    *(".lnk", ".url", ".webloc", ".desktop", ".exe", ".scr", ".com", ".bat", ".cmd", ".ps1", ".msi", ".dll", ".jar"),
    *(".app", ".command", ".sh", ".py", ".reg", ".chm", ".iso", ".docm", ".swf"),
)

DOG = "\N{DOG}"
NEW_EMOJI = "\U0001fae9"  # of Unicode 16, which this Python does not know
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("beach.jpg", "beach.jpg"),
        ("C:\\holidays\\beach.jpg", "beach.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", "gpj.exe"),
        ("..", "photo"),
        ("a\u2028b\u2029c.jpg", "abc.jpg"),
    ],
)
def test_clean_file_name_removes_folders_and_invisible_characters(text: str, name: str) -> None:
    assert clean_file_name(text) == name


@pytest.mark.parametrize("media_type", sorted(MEDIA_TYPES))
def test_make_download_name_of_any_name_ends_like_its_type(media_type: str) -> None:
    stems = ("photo", "photo.jpg", "photo" * 50 + "ä" * 5)
    tails = ("{}", "{}.", "{} ", "{}. .", "{}\u200b", "{}:.jpg", "{}::$DATA", "{}/")
    names = [stem + tail.format(ending) for stem in stems for tail in tails for ending in ACTIVE_ENDINGS]

    downloads = [
        make_download_name(make_image(name=name, media_type=media_type)) for name in [*names, *map(str.upper, names)]
    ]

    assert {name for name in downloads if not name.lower().endswith(ENDINGS[media_type])} == set()
    assert {name for name in downloads if ":" in name or len(name.encode()) > MAX_NAME_BYTES} == set()


@pytest.mark.parametrize(
    ("name", "media_type", "download"),
    [
        ("beach.jpg", "image/jpeg", "beach.jpg"),
        ("Beach.JPEG", "image/jpeg", "Beach.JPEG"),
        ("beach.png", "image/jpeg", "beach.png.jpg"),
        ("beach", "image/webp", "beach.webp"),
        ("beach.heif", "image/heic", "beach.heif"),
        ("jpg", "image/jpeg", "jpg.jpg"),
        ("a?.png", "image/png", "a_.png"),
        ("x" * 255, "image/avif", "x" * 250 + ".avif"),
        ("beach.html", "text/html", "beach.html.bin"),
        ("IMG_1.CR3", "application/octet-stream", "IMG_1.CR3"),
        ("damaged.HEIC", "application/octet-stream", "damaged.HEIC"),
        ("scan.tif", "image/jpeg", "scan.tif.jpg"),
    ],
)
def test_make_download_name_keeps_a_name_with_the_ending_of_its_type(name: str, media_type: str, download: str) -> None:
    assert make_download_name(make_image(name=name, media_type=media_type)) == download


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ä" * 200, "ä" * 127),
        ("x" * 300 + ".jpg", "x" * 251 + ".jpg"),
        ("ä" * 200 + ".HEIC", "ä" * 125 + ".HEIC"),
        (DOG * 70 + ".jpeg", DOG * 62 + ".jpeg"),
        ("x" * 250 + ". .jpg", "x" * 250 + ".jpg"),
        ("x" * 300 + "." + "y" * 20, "x" * 255),
        ("." + "x" * 300, "x" * 255),
        (FAMILY * 20, FAMILY * 14),
    ],
)
def test_clean_file_name_of_long_name_keeps_its_ending(text: str, name: str) -> None:
    assert clean_file_name(text) == name


@pytest.mark.parametrize(
    "name",
    [
        NEW_EMOJI + ".jpg",
        FAMILY + ".jpg",
        WALES + ".jpg",
        "\u2764\ufe0f.jpg",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.jpg",  # Persian with a non-joiner
        "\u0915\u094d\u200d\u0937.jpg",  # Devanagari with a joiner
        "\u8fbb\U000e0100.jpg",  # an ideograph with a variation selector
        "\u0600\u0661.jpg",  # an Arabic number sign, which is visible
        "Zoe\u0308.jpg",
        "\uf8ff.jpg",
        "a  b.jpg",
    ],
)
def test_clean_file_name_keeps_visible_characters_and_joiners(name: str) -> None:
    assert clean_file_name(name) == name


def test_clean_file_name_removes_each_invisible_character() -> None:
    kept = {"\u200c", "\u200d", "\u06dd", "\u070f", "\u0890", "\u0891", "\u08e2", "\U000110bd", "\U000110cd"}
    kept |= {*map(chr, range(0x600, 0x606)), *map(chr, range(0x13430, 0x13439))}
    letters = {chr(code) for code in range(0x110000)} - kept
    invisible = {letter for letter in letters if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    fillers = {*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufdd0\ufffe\U0010ffff\u2065\U000e0fff"}

    assert clean_file_name(f"a{''.join(sorted(invisible | fillers))}b.jpg") == "ab.jpg"
    assert clean_file_name("\U0001f3f4\U000e0067.jpg") == "\U0001f3f4.jpg"  # not a complete flag
    assert clean_file_name("\u200d\u200c") == "photo"


@pytest.mark.parametrize(
    ("name", "download"),
    [
        ("con.jpg", "_con.jpg"),
        ("Lpt1", "_Lpt1.jpg"),
        ("nul .jpg", "_nul .jpg"),
        ("console.jpg", "console.jpg"),
        ("x" * 251 + ".HIF", "x" * 251 + ".jpg"),
    ],
)
def test_make_download_name_avoids_names_that_windows_refuses(name: str, download: str) -> None:
    assert make_download_name(make_image(name=name, media_type="image/jpeg")) == download


@pytest.mark.parametrize(
    ("name", "fallback"),
    [
        ("beach.jpg", "beach.jpg"),
        ("Düne 1.jpg", "Dune 1.jpg"),
        ("写真.jpg", "__.jpg"),
        ('a"b\\c%41.jpg', "a_b_c_41.jpg"),
        (NEW_EMOJI, "_"),
    ],
)
def test_make_disposition_has_name_in_ascii_and_in_utf_8(name: str, fallback: str) -> None:
    plain, _, extended = make_disposition(name).partition("; filename*=UTF-8''")

    assert plain == f'attachment; filename="{fallback}"'
    assert unquote(extended) == name
    assert extended.isascii()
    assert not set(extended) & set(" \"'(),;*/")


def test_make_disposition_without_name_is_inline() -> None:
    assert make_disposition(None) == make_disposition("") == "inline"
