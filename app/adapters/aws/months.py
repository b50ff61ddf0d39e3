"""Names the attributes that count images by the month of their capture time.

The usage has a counter for each year, with an attribute for each month: `m01` to `m12`. The counters of a tag have an
attribute with a name of two characters for each month, because DynamoDB charges twice for a row of more than 1 KiB.
"""

from collections.abc import Mapping
from typing import Any, Final

from app.domain.capture_times import MIN_YEAR
from app.domain.images import ImageSummary

IMPLAUSIBLE_YEAR: Final = "0000"

_NAME: Final = 2  # characters
_MONTHS: Final = 12
_FIRST: Final = ord("0")
_BASE: Final = 64  # the last character is "o", so no name is "pk" or "sk"


def usage_year(image: ImageSummary) -> str:
    """Return the year whose usage counts an image in any state."""
    return image.month[:4] or IMPLAUSIBLE_YEAR


def usage_month(image: ImageSummary) -> str:
    """Return the attribute of the usage that counts a ready image."""
    return f"m{image.month[5:] or '00'}"


def read_usage_months(sort_key: str, item: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of images in each month that a row of the usage contains. Rows of version 0.5 contain none."""
    year = sort_key.split("#")[1]
    return {
        "" if name == "m00" else f"{year}-{name[1:]}": int(number)
        for name, number in item.items()
        if name.startswith("m")
    }


def tag_month(image: ImageSummary) -> str:
    """Return the attribute of a tag's counter that counts an image."""
    return name_month(image.month)


def name_month(text: str) -> str:
    """Return the name of the attribute of a month. The month of implausible times is empty."""
    year, _, month = text.partition("-")
    number = (int(year) - MIN_YEAR) * _MONTHS + int(month) if month else 0
    return "".join(chr(_FIRST + digit) for digit in divmod(number, _BASE))


def read_tag_months(item: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of images in each month that a counter of a tag contains."""
    return {
        _to_month(name): int(number) for name, number in item.items() if len(name) == _NAME and name not in {"pk", "sk"}
    }


def _to_month(name: str) -> str:
    number = (ord(name[0]) - _FIRST) * _BASE + ord(name[1]) - _FIRST
    year, month = divmod(number - 1, _MONTHS)
    return f"{MIN_YEAR + year}-{month + 1:02}" if number else ""
