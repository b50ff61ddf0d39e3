import pytest

from app.client.imports.takeout_names import find_original, find_sidecar, is_same_name

LONG = "D7157814-D2D5-4A62-AFCE-9CF465CB7D66"
LONGER = "Screenshot_20220207_102421_com.snapchat.android.internal"


@pytest.mark.parametrize(
    ("photo", "sidecar"),
    [
        ("IMG.jpg", "IMG.jpg.json"),
        ("IMG.jpg", "IMG.json"),
        ("IMG.jpg", "IMG.jpg.supplemental-metadata.json"),
        ("Screenshot_2017-07-05-10-05-26.png", "Screenshot_2017-07-05-10-05-26.png.supplementa.json"),
        (f"{LONG}.jpeg", f"{LONG}.jpeg.supp.json"),
        (f"{LONG}.jpeg", f"{LONG}.jpeg.s.json"),
        (f"{LONG}.jpeg", f"{LONG}.jpeg..json"),
        ("IMG(1).jpg", "IMG.jpg(1).json"),
        ("IMG(1).jpg", "IMG.jpg.supplemental-metadata(1).json"),
        ("IMG(18).jpg", "IMG(18).jpg.supple(18).json"),
        ("IMG(1).jpg", "IMG(1).jpg.json"),
        (f"{LONG}_DSCN(1).JPG", f"{LONG}_DSCN.JPG.su(1).json"),
        ("Urlaub in Knaufspesch in der Schneifel (38).JPG", "Urlaub in Knaufspesch in der Schneifel (38).JP.json"),
        (f"{LONGER}.jpg", f"{LONGER[:46]}.json"),
        (f"{LONGER}(2).jpg", f"{LONGER[:46]}(2).json"),
        ("PXL_20230809_203449253.LONG_EXPOSURE-02.ORIGINA.jpg", "PXL_20230809_203449253.LONG_EXPOSURE-02.ORIGIN.json"),
        (f"{24 * '😀'}.jpg", f"{23 * '😀'}.json"),
        (f"{LONGER}.jpg", f"{LONGER}.jpg.supplemental-metadata.json"),
        ("no extension", "no extension.json"),
    ],
)
def test_find_sidecar_knows_the_forms_of_names(photo: str, sidecar: str) -> None:
    sidecars = {sidecar, "metadata.json", "OTHER.jpg.json"}

    assert find_sidecar(photo, sidecars, lambda _: photo) == sidecar


@pytest.mark.parametrize(
    ("photo", "sidecar"),
    [
        ("IMG.jpg", "IMG(1).jpg.json"),
        ("IMG(1).jpg", "IMG.jpg.supplemental-metadata.json"),
        ("IMG.jpg", "IMG_2.jpg.json"),
        ("IMG.jpg", "IMG.jpg.comments.json"),
        ("IMG.jpg", "IMG.jp.json"),
    ],
)
def test_find_sidecar_of_another_photo_returns_none(photo: str, sidecar: str) -> None:
    assert find_sidecar(photo, {sidecar}, lambda _: photo) is None


def test_find_sidecar_of_numbered_photo_is_not_that_of_the_first_one() -> None:
    sidecars = {f"{LONGER[:46]}.json", f"{LONGER[:46]}(1).json"}

    assert find_sidecar(f"{LONGER}.jpg", sidecars, lambda _: f"{LONGER}.jpg") == f"{LONGER[:46]}.json"
    assert find_sidecar(f"{LONGER}(1).jpg", sidecars, lambda _: f"{LONGER}.jpg") == f"{LONGER[:46]}(1).json"


def test_find_sidecar_of_names_with_the_same_beginning_compares_titles() -> None:
    titles = {f"{LONGER[:46]}.json": f"{LONGER}.b.jpg", f"{LONGER[:46]}(1).json": f"{LONGER}.a.jpg"}

    found = [find_sidecar(f"{LONGER}.{letter}.jpg", titles, titles.__getitem__) for letter in "abc"]

    assert found == [f"{LONGER[:46]}(1).json", f"{LONGER[:46]}.json", None]


@pytest.mark.parametrize(
    ("copy", "names", "original"),
    [
        ("IMG-edited.jpg", ["IMG.jpg"], "IMG.jpg"),
        ("IMG-bearbeitet.jpg", ["IMG.jpg"], "IMG.jpg"),
        ("DSC06824-modifié.JPG", ["DSC06824.JPG"], "DSC06824.JPG"),
        ("IMG-編集済み.jpg", ["IMG.HEIC"], "IMG.HEIC"),
        ("IMG-ha edit(1).JPG", ["IMG.JPG", "IMG(1).JPG"], "IMG(1).JPG"),
        ("IMG-edited.jpg", ["OTHER.jpg"], None),
        ("IMG.jpg", ["IMG.HEIC"], None),
        ("-edited.jpg", [".jpg"], None),
        ("IMG-2.jpg", ["IMG.jpg"], None),
        ("2019-07-28.jpg", ["2019-07.jpg"], None),
    ],
)
def test_find_original_knows_edited_copies_in_all_languages(copy: str, names: list[str], original: str | None) -> None:
    stems = {name.rpartition(".")[0]: [name] for name in names}

    assert find_original(copy, stems, set()) == original


def test_find_original_that_is_missing_has_a_sidecar() -> None:
    assert find_original("IMG-edited.jpg", {}, {"IMG.jpg.json"}) == "IMG.jpg"


@pytest.mark.parametrize(
    ("name", "title", "is_same"),
    [
        ("Gary_s birthday.jpg", "Gary's birthday.jpg", True),
        ("cut off na.jpg", "cut off names.jpg", True),
        ("other.jpg", "cut off.jpg", False),
        ("other.jpg", "", False),
    ],
)
def test_is_same_name_compares_the_beginning(name: str, title: str, is_same: bool) -> None:  # noqa: FBT001
    assert is_same_name(name, title) is is_same
