import pytest

from detector.metadata.iptc import DataSet, Iptc
from tests.support.metadata_files import make_iptc


def read(block: bytes) -> Iptc:
    iptc = Iptc()
    iptc.add(memoryview(block))
    return iptc


def test_add_block_returns_values_in_order() -> None:
    iptc = read(b"\x1c\x01\x5a\0\3\x1b%G" + make_iptc((25, b"sea"), (5, b"Tokyo"), (25, b"sun"), (99, b"other")))

    assert iptc.values == {DataSet.KEYWORD: ["sea", "sun"], DataSet.TITLE: ["Tokyo"]}
    assert (iptc.first(DataSet.TITLE), iptc.first(DataSet.CAPTION)) == ("Tokyo", "")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_add_block_without_a_character_set_decodes_texts(encoding: str) -> None:
    assert read(make_iptc((5, "Zürich".encode(encoding)))).first(DataSet.TITLE) == "Zürich"


def test_add_block_with_an_extended_size_reads_it() -> None:
    assert read(b"\x1c\x02\x05\x80\x04\0\0\0\5Tokyo").first(DataSet.TITLE) == "Tokyo"


@pytest.mark.parametrize("damage", [b"", b"\x1c\x02", b"\x1d" * 20, b"\x1c\x02\x05\xff\xff\xff\xff\xff\xff"])
def test_add_damaged_block_keeps_what_was_before_the_damage(damage: bytes) -> None:
    assert read(make_iptc((5, b"Tokyo")) + damage).first(DataSet.TITLE) == "Tokyo"


def test_add_block_with_many_values_limits_them() -> None:
    assert len(read(make_iptc((25, b"x")) * 6_000).find(DataSet.KEYWORD)) == 500
