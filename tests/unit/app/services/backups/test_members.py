import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from app.domain.backups import BackupError
from app.services.backups.members import CUT, DAMAGED, MemberWriter, read_members

FILES = {"one.txt": b"one", "folder/two": bytes(1_000), "empty": b"", "block": bytes(512)}


def write(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    writer = MemberWriter(file, 1_800_000_000)
    for name, data in files.items():
        writer.add(name, data)
    writer.finish("checksums.txt")
    return file.getvalue()


def read(data: bytes) -> dict[str, bytes]:
    return {member.name: member.read_all(10**6) for member in read_members(io.BytesIO(data))}


def test_reader_returns_what_the_writer_wrote() -> None:
    files = read(write(FILES))

    assert {name: files[name] for name in FILES} == FILES
    assert list(files)[-1] == "checksums.txt"


def test_writer_of_a_file_copies_it() -> None:
    file = io.BytesIO()
    writer = MemberWriter(file, 0)
    writer.add_file("large", io.BytesIO(bytes(600_000)), 600_000)
    writer.finish("checksums.txt")

    assert read(file.getvalue())["large"] == bytes(600_000)


def test_ordinary_programs_extract_and_verify_the_archive(tmp_path: Path) -> None:
    (tmp_path / "backup.tar").write_bytes(write(FILES))

    subprocess.run(["tar", "xf", "backup.tar"], cwd=tmp_path, check=True)
    result = subprocess.run(
        ["sha256sum", "--check", "--strict", "checksums.txt"], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert result.stdout.split("\n")[:-1] == [f"{name}: OK" for name in FILES]


def test_reader_skips_what_was_not_read() -> None:
    assert [member.name for member in read_members(io.BytesIO(write(FILES)))] == [*FILES, "checksums.txt"]


@pytest.mark.parametrize("size", range(0, len(write(FILES)) - 1, 100))
def test_reader_of_a_cut_archive_says_so(size: int) -> None:
    with pytest.raises(BackupError, match=CUT):
        read(write(FILES)[:size])


@pytest.mark.parametrize("more", [b"x", bytes(1), bytes(512)])
def test_reader_of_an_archive_with_other_data_behind_it_fails(more: bytes) -> None:
    with pytest.raises(BackupError, match=DAMAGED):
        read(write(FILES) + more)


def test_reader_of_an_archive_with_one_end_block_fails() -> None:
    with pytest.raises(BackupError, match=DAMAGED):
        read(write(FILES)[:-512] + b"x" * 512)


def test_reader_of_altered_padding_fails() -> None:
    data = write({"one.txt": b"one"})

    with pytest.raises(BackupError, match=DAMAGED):
        read(data[:1023] + b"x" + data[1024:])


def make_header(**attributes: object) -> bytes:
    info = tarfile.TarInfo("name")
    for name, value in attributes.items():
        setattr(info, name, value)
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "header",
    [
        make_header(type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        make_header(type=tarfile.LNKTYPE, linkname="one.txt"),
        make_header(linkname="one.txt"),
        make_header(type=tarfile.DIRTYPE),
        make_header(type=tarfile.CHRTYPE),
        make_header(type=tarfile.FIFOTYPE),
        make_header(type=tarfile.XHDTYPE, size=10),
        make_header(type=tarfile.GNUTYPE_LONGNAME, size=10),
        make_header(type=tarfile.GNUTYPE_SPARSE),
        make_header(size=-1),
        b"x" * 512,
        make_header()[:-1] + b"x",
        make_header(name="caf\udce9"),
    ],
)
def test_reader_rejects_all_but_ordinary_files(header: bytes) -> None:
    with pytest.raises(BackupError, match=DAMAGED):
        read(header + bytes(1024))


def test_read_all_of_a_huge_member_reads_nothing() -> None:
    file = io.BytesIO(make_header(size=10**12) + b"x" * 10_000)
    member = next(read_members(file))

    with pytest.raises(BackupError, match=DAMAGED):
        member.read_all(10**6)

    assert file.tell() == 512


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"", []), (b"a\nb\n", [b"a", b"b"]), (b"\n", [b""]), (b"a" * 600_000 + b"\n", [b"a" * 600_000])],
)
def test_read_lines_yields_all_lines(data: bytes, lines: list[bytes]) -> None:
    member = next(read_members(io.BytesIO(write({"lines": data}))))

    assert list(member.read_lines(10**6)) == lines


@pytest.mark.parametrize("data", [b"a\nb", b"a" * 2_000_000])
def test_read_lines_rejects_a_line_that_is_too_long_or_has_no_end(data: bytes) -> None:
    member = next(read_members(io.BytesIO(write({"lines": data}))))

    with pytest.raises(BackupError, match=DAMAGED):
        list(member.read_lines(10**6))
