from pathlib import Path

import pytest

from app.adapters.local.mounts import find_network_type

MOUNTINFO = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /mnt/nas rw,relatime shared:2 - nfs4 nas:/photos rw,vers=4.2
31 30 0:26 / /mnt/nas/cache rw - tmpfs tmpfs rw
32 22 0:27 / /mnt/my\\040share rw - cifs //nas/share rw
33 22 0:28 / /mnt/remote rw - fuse.sshfs ada@example.com:/ rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTINFO)
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/pixtag-data", ""),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nas/ada/pixtag-data", "nfs4"),
        ("/mnt/nas/cache/pixtag-data", ""),
        ("/mnt/nasty/pixtag-data", ""),
        ("/mnt/my share/pixtag-data", "cifs"),
        ("/mnt/remote/pixtag-data", "fuse.sshfs"),
    ],
)
def test_find_network_type_of_folder_uses_the_innermost_mount(mounts: Path, folder: str, kind: str) -> None:
    assert find_network_type(Path(folder), mounts) == kind


def test_find_network_type_follows_links(mounts: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/mnt/nas/photos")

    assert find_network_type(tmp_path / "link", mounts) == "nfs4"


def test_find_network_type_without_proc_is_empty(tmp_path: Path) -> None:
    assert find_network_type(Path("/mnt/nas"), tmp_path / "no such file") == ""


def test_find_network_type_of_this_machine_is_empty(tmp_path: Path) -> None:
    assert find_network_type(tmp_path) == ""
