import pytest

from detector.metadata.reader import read_metadata
from detector.metadata.values import Position
from tests.support.metadata_files import Value, make_exif_jpeg, make_xmp_jpeg

LATITUDE, LONGITUDE = [(35, 1), (30, 1), (36, 1)], [(139, 1), (45, 1), (0, 1)]
TOKYO: dict[int, Value] = {1: "N", 2: LATITUDE, 3: "E", 4: LONGITUDE}


def find_position(gps: dict[int, Value]) -> Position | None:
    return read_metadata(make_exif_jpeg({}, {}, gps)).position


@pytest.mark.parametrize(
    ("changes", "position"),
    [
        ({}, Position(35.51, 139.75)),
        ({1: "S", 3: "west"}, Position(-35.51, -139.75)),
        ({2: [(3551, 100)]}, Position(35.51, 139.75)),
        ({2: [(35, 1), (30, 1), (0, 0)]}, Position(35.5, 139.75)),
        ({6: [(405, 10)]}, Position(35.51, 139.75, 40.5)),
        ({5: b"\0", 6: [(40, 1)]}, Position(35.51, 139.75, 40)),
        ({5: b"\1", 6: [(40, 1)]}, Position(35.51, 139.75, -40)),
        ({6: [(40, 0)]}, Position(35.51, 139.75)),
        ({6: [(2**32 - 1, 1)]}, Position(35.51, 139.75)),
        ({2: [(0, 1)]}, Position(0, 139.75)),
        ({2: [(1, 3)]}, Position(0.3333333, 139.75)),
    ],
)
def test_position_of_exif_is_read(changes: dict[int, Value], position: Position) -> None:
    assert find_position(TOKYO | changes) == position


@pytest.mark.parametrize(
    "changes",
    [
        {2: [(0, 1)], 4: [(0, 1)]},
        {2: [(91, 1)]},
        {4: [(181, 1)]},
        {2: [(35, 0), (30, 1)]},
        {2: [(35, 1), (61, 1)]},
        {2: []},
        {1: ""},
        {1: "E"},
    ],
)
def test_invalid_position_is_ignored(changes: dict[int, Value]) -> None:
    assert find_position(TOKYO | changes) is None


@pytest.mark.parametrize("tag", [1, 2, 3, 4])
def test_position_without_a_tag_is_ignored(tag: int) -> None:
    assert find_position({key: value for key, value in TOKYO.items() if key != tag}) is None


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("35,30.6N", "139,45.0E"), ("35,30,36N", "139,45,0E"), ("35.51", "139.75"), ("35° 30' 36\" n", "139° 45' 0\" e")],
)
def test_position_of_xmp_is_read(latitude: str, longitude: str) -> None:
    latitude = latitude.replace('"', "&quot;")
    longitude = longitude.replace('"', "&quot;")
    altitude = 'exif:GPSAltitude="405/10" exif:GPSAltitudeRef="1"'

    file = make_xmp_jpeg(attributes=f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}" {altitude}')

    assert read_metadata(file).position == Position(35.51, 139.75, -40.5)


def test_position_of_xmp_in_the_south_west_is_negative() -> None:
    file = make_xmp_jpeg(attributes='exif:GPSLatitude="33,30.0S" exif:GPSLongitude="-70.5"')

    assert read_metadata(file).position == Position(-33.5, -70.5)


@pytest.mark.parametrize("latitude", ["35,30.6E", "north", "", "95,0.0N"])
def test_invalid_position_of_xmp_is_ignored(latitude: str) -> None:
    file = make_xmp_jpeg(attributes=f'exif:GPSLatitude="{latitude}" exif:GPSLongitude="139,45.0E"')

    assert read_metadata(file).position is None
