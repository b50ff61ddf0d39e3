"""Parses the blocks of metadata of a file."""

from contextlib import suppress
from dataclasses import dataclass, field

from detector.metadata.blocks import DAMAGE, MAX_BLOCKS, Blocks
from detector.metadata.exif import Exif, Tag, read_exif
from detector.metadata.iptc import Iptc
from detector.metadata.xmp import Xmp


@dataclass(slots=True)
class Sources:
    """The metadata of a file, by standard.

    Attributes:
        exif: The tags of each EXIF block.
        xmp: The properties of all XMP packets.
        iptc: The data sets of all IPTC blocks.
        blocks: The blocks, for texts and times without a standard format.
    """

    blocks: Blocks
    exif: list[Exif] = field(default_factory=list)
    xmp: Xmp = field(default_factory=Xmp)
    iptc: Iptc = field(default_factory=Iptc)


def parse_blocks(blocks: Blocks) -> Sources:
    """Parse the blocks of a file. Blocks that are damaged as a whole are skipped."""
    sources = Sources(blocks)
    packets, records = blocks.xmp[:MAX_BLOCKS], blocks.iptc[:MAX_BLOCKS]
    for block in blocks.exif[:MAX_BLOCKS]:
        with suppress(*DAMAGE):
            exif = read_exif(block)
            sources.exif.append(exif)
            packets += [entry.raw for entry in exif.find(Tag.XMP)]
            records += [entry.raw for entry in exif.find(Tag.IPTC)]
    for packet in packets:
        sources.xmp.add(packet)
    for record in records:
        sources.iptc.add(record)
    return sources
