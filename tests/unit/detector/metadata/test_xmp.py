import pytest

from detector.metadata.xmp import Xmp
from tests.support.metadata_files import NAMESPACES, make_xmp

RDF = f"<rdf:RDF {NAMESPACES}>"
SUBJECT = "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li> sun </rdf:li><rdf:li/></rdf:Bag></dc:subject>"


def read(packet: bytes) -> dict[str, list[str]]:
    xmp = Xmp()
    xmp.add(memoryview(packet))
    return xmp.values


@pytest.mark.parametrize(
    ("packet", "values"),
    [
        (make_xmp("<xmp:Rating>4</xmp:Rating>"), {"xmp:Rating": ["4"]}),
        (make_xmp(attributes='xmp:Rating="4" xmp:Label="Red"'), {"xmp:Rating": ["4"]}),
        (make_xmp(SUBJECT), {"dc:subject": ["sea", "sun"]}),
        (make_xmp(SUBJECT.replace("Bag", "Seq")), {"dc:subject": ["sea", "sun"]}),
        (make_xmp("<dc:title>Tokyo &amp; Osaka</dc:title>"), {"dc:title": ["Tokyo & Osaka"]}),
        (
            make_xmp(
                "<dc:title rdf:parseType='Resource'><rdf:value>Tokyo</rdf:value><xmp:Label>x</xmp:Label></dc:title>"
            ),
            {"dc:title": ["Tokyo"]},
        ),
        (
            make_xmp("<dc:title><rdf:Description><rdf:value>Tokyo</rdf:value></rdf:Description></dc:title>"),
            {"dc:title": ["Tokyo"]},
        ),
        (make_xmp("<dc:title/><dc:creator>me</dc:creator>"), {}),
        (
            make_xmp(f"{SUBJECT}</rdf:Description><rdf:Description xmp:Rating='4'>"),
            {"dc:subject": ["sea", "sun"], "xmp:Rating": ["4"]},
        ),
    ],
)
def test_add_packet_reads_properties_in_all_forms(packet: bytes, values: dict[str, list[str]]) -> None:
    assert read(packet) == values


def test_add_packet_returns_the_default_language_first() -> None:
    items = '<rdf:li xml:lang="de-DE">Tokio</rdf:li><rdf:li xml:lang="x-default">Tokyo</rdf:li>'

    assert read(make_xmp(f"<dc:title><rdf:Alt>{items}</rdf:Alt></dc:title>")) == {"dc:title": ["Tokyo", "Tokio"]}


def test_add_packet_finds_properties_by_namespace() -> None:
    packet = make_xmp("<a:Rating xmlns:a='http://ns.adobe.com/xap/1.0/'>4</a:Rating>", "xmlns:b='urn:x' b:Rating='5'")
    short = packet.replace(b"http://ns.adobe.com/xap/1.0/", b"http://ns.adobe.com/xap/1.0")

    assert read(packet) == read(short) == {"xmp:Rating": ["4"]}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_add_packet_in_other_encodings_reads_it(encoding: str) -> None:
    assert read(make_xmp("<dc:title>東京</dc:title>").decode().encode(encoding)) == {"dc:title": ["東京"]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>", b"<?xpacket end='w'?>\0\0"),
        (b" \0\n<?xml version='1.0' encoding='unknown'?>", b""),
        (b"", b"trailing text"),
        (b"", b"<x:xmpmeta>"),
    ],
)
def test_add_packet_ignores_what_is_around_it(before: bytes, after: bytes) -> None:
    assert read(before + make_xmp("<dc:title>Tokyo</dc:title>") + after) == {"dc:title": ["Tokyo"]}


def test_add_packet_without_the_usual_prefixes_reads_it() -> None:
    packet = b"\0" + make_xmp("<dc:title>Tokyo</dc:title>").replace(b"rdf:", b"r:").replace(b":rdf=", b":r=")
    packet = packet.replace(b"x:xmpmeta", b"y:xmpmeta").replace(b"xmlns:x=", b"xmlns:y=")

    assert read(packet[1:]) == {"dc:title": ["Tokyo"]}


def test_add_packet_with_invalid_bytes_reads_the_rest() -> None:
    packet = make_xmp("<dc:title>T\xff</dc:title><xmp:Rating>4</xmp:Rating>").decode().encode("latin-1")

    assert read(packet) == {"dc:title": ["T\ufffd"], "xmp:Rating": ["4"]}


@pytest.mark.parametrize(
    "damage",
    ["<dc:description>&unknown;</dc:description>", "<dc:description>", "<dc:description>\x01", "<a></b>"],
)
def test_add_damaged_packet_keeps_what_was_before_the_damage(damage: str) -> None:
    assert read(make_xmp(f"<dc:title>Tokyo</dc:title>{damage}")) == {"dc:title": ["Tokyo"]}


@pytest.mark.parametrize(
    "declarations",
    ["", "<!ENTITY a 'x'>", "<!ENTITY a SYSTEM 'file:///etc/hostname'>", "<!ENTITY a 'xx'><!ENTITY b '&a;&a;&a;'>"],
)
def test_add_packet_with_a_document_type_is_refused(declarations: str) -> None:
    packet = (
        make_xmp("<dc:title>Tokyo</dc:title>").replace(b"x:xmpmeta", b"y:xmpmeta").replace(b"xmlns:x=", b"xmlns:y=")
    )
    packet = packet.replace(b"rdf:", b"r:").replace(b":rdf=", b":r=")  # otherwise, the text before rdf:RDF is ignored

    assert read(packet) == {"dc:title": ["Tokyo"]}
    assert read(f"<!DOCTYPE x [{declarations}]>".encode() + packet) == {}


def test_add_deeply_nested_packet_is_refused() -> None:
    assert read(make_xmp("<dc:title>Tokyo</dc:title>" + "<a>" * 100_000 + "</a>" * 100_000)) == {"dc:title": ["Tokyo"]}


def test_add_packet_with_many_or_long_values_limits_them() -> None:
    packet = make_xmp(f"<dc:subject><rdf:Bag>{'<rdf:li>x</rdf:li>' * 1000}</rdf:Bag></dc:subject>")
    long = make_xmp(f"<dc:title>{'x' * 20_000}</dc:title>")

    assert len(read(packet)["dc:subject"]) == 500
    assert len(read(long)["dc:title"][0]) == 10_000


def test_add_packet_reads_at_most_a_mebibyte() -> None:
    assert read(make_xmp(f"<dc:title>Tokyo</dc:title>{' ' * 2**20}<xmp:Rating>4</xmp:Rating>")) == {
        "dc:title": ["Tokyo"]
    }


def test_add_second_packet_adds_its_values() -> None:
    xmp = Xmp()
    xmp.add(memoryview(make_xmp("<dc:title>Tokyo</dc:title>")))
    xmp.add(memoryview(make_xmp("<dc:title>Osaka</dc:title><xmp:Rating>4</xmp:Rating>")))

    assert (xmp.first("dc:title"), xmp.first("xmp:Rating"), xmp.first("dc:subject")) == ("Tokyo", "4", "")
