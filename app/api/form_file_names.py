"""Reads the file names of parts of multipart/form-data, in every form that clients send.

Browsers send raw UTF-8 and escape three characters (https://html.spec.whatwg.org/#multipart-form-data). Other clients
use the forms of e-mail and HTTP: RFC 2047 (.NET, Java, R), RFC 2231 (Java Mail), and RFC 8187 (Python, .NET).
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from quopri import decodestring
from typing import Final
from urllib.parse import unquote_to_bytes

MAX_DISPOSITION: Final = 8_192  # bytes; a longer header has no usable name

_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:\\[\\"]|[^"\\]|\\(?![\\"]))*)"|([^;]*))')
_WORD: Final = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]+\?[bBqQ]\?)")
_EXTENDED: Final = re.compile("([^']*)'[^']*'(.*)", re.DOTALL)
_CHARSET: Final = re.compile(
    "utf-?8|us-ascii|iso-?8859-[0-9]{1,2}|(windows|cp)-?[0-9]{3,4}|koi8-[ru]|shift_jis|euc-?(jp|kr)|gb2312|gbk"
    "|gb18030|big5|iso-2022-jp",
    re.IGNORECASE,
)
_ESCAPES: Final = {"%22": '"', "%0D": "\r", "%0A": "\n"}
_ESCAPE: Final = re.compile("%(?:22|0D|0A)", re.IGNORECASE)


def read_file_name(disposition: bytes) -> str | None:
    """Return the file name in a `Content-Disposition` header. Return None if the part has none, so it is not a file.

    `filename*` is preferred, because it says how it is encoded. A name that cannot be decoded is returned as it is.
    """
    parameters = _read_parameters(disposition[:MAX_DISPOSITION])
    name = _read_extended(parameters.get("filename*")) or _read_continued(parameters)
    if name is None and (plain := parameters.get("filename")) is not None:
        name = _decode_words(_ESCAPE.sub(lambda match: _ESCAPES[match[0].upper()], plain))
    return name if name is not None else parameters.get("filename*")


def _read_parameters(disposition: bytes) -> dict[str, str]:
    """Return the parameters by their names in lower case. The first one of a name counts."""
    text = _decode(disposition, "utf-8")
    parameters: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(text):
        value = token.strip() or re.sub(r'\\([\\"])', r"\1", quoted)
        parameters.setdefault(name.lower(), value)
    return parameters


def _decode(data: bytes, charset: str) -> str:
    """Decode bytes, or use Windows-1252 if that fails."""
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return data.decode("cp1252", "replace")


def _read_extended(value: str | None) -> str | None:
    """Decode a value such as `UTF-8''%e2%82%ac.jpg` (RFC 8187). Return None if it is not one."""
    match = _EXTENDED.fullmatch(value or "")
    if match is None or not _CHARSET.fullmatch(match[1] or "utf-8"):
        return None
    return _decode(unquote_to_bytes(match[2]), match[1] or "utf-8")


def _read_continued(parameters: Mapping[str, str]) -> str | None:
    """Join the parts of a long value: `filename*0*=UTF-8''%C3%A4`, `filename*1="b.jpg"` (RFC 2231)."""
    parts: list[bytes] = []
    charset = "utf-8"
    while True:
        name = f"filename*{len(parts)}"
        if (value := parameters.get(f"{name}*")) is not None:
            if not parts and (match := _EXTENDED.fullmatch(value)):
                charset, value = match[1] or charset, match[2]
            parts.append(unquote_to_bytes(value))
        elif (value := parameters.get(name)) is not None:
            parts.append(value.encode())
        else:
            break
    return _decode(b"".join(parts), charset if _CHARSET.fullmatch(charset) else "utf-8") if parts else None


def _decode_words(text: str) -> str:
    """Decode the encoded words of RFC 2047. Spaces between two of them are not part of the text."""
    joined = _BETWEEN_WORDS.sub("", text)
    return re.sub(f"(?:{_WORD.pattern})+", lambda match: _decode_run(match[0]), joined)


def _decode_run(run: str) -> str:
    """Decode words in sequence. A character may be divided between words of the same charset."""
    pieces: list[tuple[str, bytes]] = []
    for charset, encoding, content in _WORD.findall(run):
        data = _decode_content(encoding, content)
        if data is None or not _CHARSET.fullmatch(charset):
            return run
        if pieces and pieces[-1][0] == charset.lower():
            data = pieces.pop()[1] + data
        pieces.append((charset.lower(), data))
    return "".join(_decode(data, charset) for charset, data in pieces)


def _decode_content(encoding: str, content: str) -> bytes | None:
    data = content.encode()
    if encoding in "qQ":
        return decodestring(data, header=True)
    try:
        return b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return None
