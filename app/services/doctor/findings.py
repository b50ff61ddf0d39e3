"""Defines what `pixtag doctor` reports, and how far it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a library.

    Attributes:
        owner: The owner of the library.
        text: One sentence that describes the fault.
        is_repaired: Whether it was repaired.
        advice: What to do about it, or why it was not repaired. It can be empty.
        is_note: Whether nothing is wrong, or it is not known whether anything is.
        is_earlier: Whether the cause is the version of PixTag that stored a photo. These are reported as one finding.
    """

    owner: str
    text: str
    is_repaired: bool = False
    advice: str = ""
    is_note: bool = False
    is_earlier: bool = False


@dataclass(slots=True)
class Progress:
    """How far a check is, so that an interrupted one can continue.

    Attributes:
        owner: The owner whose library is checked. Those before it, in order, are complete.
        has_rows: Whether the rows of this owner are checked.
        image_id: The last image of this owner whose objects are checked.
        earlier: The number of photos of this owner whose large thumbnails earlier versions of PixTag have not made.
        is_complete: Whether this owner is complete too.
        libraries: The number of complete libraries.
        photos: The number of images whose objects are checked. Tombstones do not count.
        found: The number of findings.
        repaired: The number of findings that were repaired.
    """

    owner: str = ""
    has_rows: bool = False
    image_id: str = ""
    earlier: int = 0
    is_complete: bool = False
    libraries: int = 0
    photos: int = 0
    found: int = 0
    repaired: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was wrong, or everything was repaired."""
        return self.found == self.repaired

    def begin(self, owner: str) -> None:
        """Record that the next library is checked, unless its check is continued."""
        if owner != self.owner:
            self.owner, self.has_rows, self.image_id, self.is_complete = owner, False, "", False
            self.earlier = 0

    def count(self, finding: Finding) -> None:
        """Count a finding, unless it is a note."""
        self.found += not finding.is_note
        self.repaired += finding.is_repaired
