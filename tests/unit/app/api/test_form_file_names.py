import pytest
from fastapi.testclient import TestClient

from app.api.form_file_names import MAX_DISPOSITION, read_file_name

EURO = "\N{EURO SIGN} Düne.jpg"
START = 'form-data; name="file"; '


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ('filename="beach.jpg"', "beach.jpg"),
        ("filename=beach.jpg", "beach.jpg"),
        ("FileName = beach.jpg ; x=y", "beach.jpg"),
        ('filename=""', ""),
        ("filename=", ""),
        ("", None),
        # Browsers
        (f'filename="{EURO}"', EURO),
        ('filename="a%22b%0d%0A.jpg"', 'a"b\r\n.jpg'),
        ('filename="100%25 a%20b.jpg"', "100%25 a%20b.jpg"),
        ('filename="a;b=c.jpg"; x=y', "a;b=c.jpg"),
        # curl before 7.81, Python
        ('filename="a\\"b\\\\c.jpg"', 'a"b\\c.jpg'),
        ('filename="C:\\photos\\a.jpg"', "C:\\photos\\a.jpg"),
        # RFC 8187
        ("filename*=UTF-8''%e2%82%ac%20D%C3%BCne.jpg", EURO),
        ("filename*=utf-8'de'D%C3%BCne.jpg", "Düne.jpg"),
        ("filename*=\"UTF-8''D%C3%BCne.jpg\"", "Düne.jpg"),
        ("filename*=''D%C3%BCne.jpg", "Düne.jpg"),
        ("filename*=iso-8859-1''D%FCne.jpg", "Düne.jpg"),
        ("filename*=UTF-8''D%FCne.jpg", "Düne.jpg"),
        ("filename*=SHIFT_JIS''%8E%CA%90%5E.jpg", "写真.jpg"),
        ("filename=\"Dune.jpg\"; filename*=UTF-8''D%C3%BCne.jpg", "Düne.jpg"),
        ("filename*=UTF-8''D%C3%BCne.jpg; filename=\"Dune.jpg\"", "Düne.jpg"),
        ("filename*=unicode_escape''a; filename=b.jpg", "b.jpg"),
        ("filename*=beach.jpg", "beach.jpg"),
        # RFC 2231
        ("filename*0*=UTF-8''D%C3%BC; filename*1=\"ne.jpg\"", "Düne.jpg"),
        ('filename*0="bea"; filename*1="ch.jpg"', "beach.jpg"),
        ("filename*0*=idna''a; filename*1*=%62", "ab"),
        # RFC 2047
        ('filename="=?utf-8?B?RMO8bmUuanBn?="', "Düne.jpg"),
        ("filename==?utf-8?B?RMO8bmUuanBn?=", "Düne.jpg"),
        ('filename="=?UTF-8?Q?D=C3=BCne_1.jpg?="', "Düne 1.jpg"),
        ('filename="=?utf-8?Q?D=C3=BCne 1.jpg?="', "Düne 1.jpg"),
        ('filename="=?ISO-8859-1?q?D=FCne.jpg?="', "Düne.jpg"),
        ('filename="=?utf-8*de?B?RMO8bmUuanBn?="', "Düne.jpg"),
        ('filename="=?utf-8?B?RMO8bmUuanBn?= =?utf-8?B?RMO8bmUuanBn?="', "Düne.jpgDüne.jpg"),
        ('filename="=?utf-8?B?RMM=?=\r\n =?utf-8?B?vG5l?=.jpg"', "Düne.jpg"),
        ('filename="=?utf-8?Q?D=C3?= =?iso-8859-1?Q?=FC?="', "DÃü"),
        ('filename="=?utf-8?B?RMO8bmUuanB n?="', "Düne.jpg"),
        ('filename="=?utf-8?B?RMO8bmUuanBnA?="', "=?utf-8?B?RMO8bmUuanBnA?="),
        ('filename="=?idna?Q?a?="', "=?idna?Q?a?="),
        ('filename="a =?utf-8?Q?b?= c"', "a b c"),
        ('filename="=?.jpg"', "=?.jpg"),
    ],
)
def test_read_file_name_decodes_each_form(parameters: str, name: str | None) -> None:
    assert read_file_name((START + parameters).encode()) == name


def test_read_file_name_of_other_charset_is_windows_1252() -> None:
    assert read_file_name(START.encode() + b'filename="D\xfcne \x80\x81.jpg"') == "Düne €\N{REPLACEMENT CHARACTER}.jpg"


@pytest.mark.parametrize("part", ["\\", "=?", "=?a?q?", "; ", "; a", " ", "%22", '"', "filename*0=a;", "=?u?b?a?= "])
def test_read_file_name_of_long_header_reads_only_its_start(part: str) -> None:
    name = read_file_name((START + 'filename="' + part * 100_000).encode())

    assert name is not None
    assert len(name) <= MAX_DISPOSITION


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("filename*=UTF-8''D%C3%BCne.jpg", "Düne.jpg"),
        ('filename="=?utf-8?B?RMO8bmUuanBn?="', "Düne.jpg"),
        ('filename="Düne%22.jpg"', 'Düne".jpg'),
        ('filename=""', "photo"),
    ],
)
def test_upload_image_has_the_name_in_its_form(client: TestClient, photo: bytes, parameter: str, name: str) -> None:
    body = f"--x\r\nContent-Disposition: {START}{parameter}\r\n\r\n".encode() + photo + b"\r\n--x--\r\n"

    response = client.post("/images", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert (response.status_code, response.json()["name"]) == (202, name)


def test_search_by_picture_reads_file_with_extended_name_alone(client: TestClient, photo: bytes) -> None:
    body = f"--x\r\nContent-Disposition: {START}filename*=UTF-8''a.jpg\r\n\r\n".encode() + photo + b"\r\n--x--\r\n"

    response = client.post("/search/image", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert response.status_code == 200
