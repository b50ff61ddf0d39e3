"""Runs PixTag with uploads in parts of 4 KiB, for files of more than 8 KiB."""

from functools import partial
from typing import Final

from app.cli.main import main
from app.domain.parts import PartRule
from app.services import part_uploads

PART_BYTES: Final = 2**12

if __name__ == "__main__":
    setattr(part_uploads, "PartRule", partial(PartRule, max_form_bytes=2 * PART_BYTES, part_bytes=PART_BYTES))  # noqa: B010 - mypy
    main()
