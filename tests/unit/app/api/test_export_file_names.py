import pytest

from app.api.export_file_names import FileNames


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["a.jpg", "b.jpg"], ["a.jpg", "b.jpg"]),
        (["a.jpg", "a.jpg", "a.jpg"], ["a.jpg", "a-2.jpg", "a-3.jpg"]),
        (["IMG_1.jpg", "IMG_1.png", "img_1.JPG"], ["IMG_1.jpg", "IMG_1-2.png", "img_1-3.JPG"]),
        (["Düne.jpg", "Du\u0308ne.jpg"], ["Düne.jpg", "Du\u0308ne-2.jpg"]),
        (["a.jpg", "a-2.jpg", "a.jpg", "a-2.png"], ["a.jpg", "a-2.jpg", "a-3.jpg", "a-2-2.png"]),
        (["a", "a.jpg", "a.b.jpg", "a.b"], ["a", "a-2.jpg", "a.b.jpg", "a-3.b"]),
        (["ä" * 125 + ".jpg"] * 2, ["ä" * 125 + ".jpg", "ä" * 124 + "-2.jpg"]),
    ],
)
def test_make_unique_adds_a_number_to_names_with_the_same_stem(names: list[str], unique: list[str]) -> None:
    file_names = FileNames()

    assert [file_names.make_unique(name) for name in names] == unique
