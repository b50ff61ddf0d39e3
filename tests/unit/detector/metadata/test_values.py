import pytest

from detector.metadata.values import Metadata


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D800", "NIKON D800"),
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("Canon", "", "Canon"),
        ("", "iPhone 15", "iPhone 15"),
        ("", "", ""),
    ],
)
def test_camera_has_the_make_once(make: str, model: str, camera: str) -> None:
    assert Metadata(camera_make=make, camera_model=model).camera == camera
