import threading

import httpx
import pytest

from app.client.connection import Connection, Waits
from app.client.errors import (
    ClientError,
    KeyRejected,
    LinkRefused,
    RequestRefused,
    ServerBusy,
    ServerUnreachable,
    Stopped,
)
from tests.support import fake_server
from tests.support.fake_server import KEY, STORE, URL, FakeServer, problem

OK = httpx.Response(200, json={"id": "image1"})


def test_lost_connection_is_retried(connection: Connection, server: FakeServer, waits: fake_server.Waits) -> None:
    server.answers = [("GET", httpx.ConnectError("refused")), ("GET", problem(503, "Restarting.")), ("GET", OK)]

    assert connection.get_json("/images/image1", limit=5, cursor=None) == {"id": "image1"}
    assert len(waits.seconds) == 2
    assert all(0.5 <= seconds <= 2 for seconds in waits.seconds)


def test_cookies_are_not_sent_back() -> None:
    cookies: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        cookies.append(request.headers.get("Cookie"))
        return httpx.Response(200, json={}, headers={"Set-Cookie": "a=b"})

    connection = Connection(URL, KEY, transport=httpx.MockTransport(answer))

    connection.get_json("/usage")
    connection.get_json("/usage")

    assert cookies == [None, None]


def test_retry_after_is_for_the_requests_of_all_threads(
    connection: Connection, server: FakeServer, waits: fake_server.Waits
) -> None:
    server.answers = [("GET", problem(429, "Too many requests.", Retry_After="30")), ("GET", OK)]

    connection.get_json("/images/image1")
    with pytest.raises(RequestRefused):
        connection.get_json("/images/image2")

    first, second = waits.seconds
    assert 29 < first < 32
    assert 29 < second < 32


def test_each_wait_is_told(server: FakeServer, waits: fake_server.Waits) -> None:
    told: list[str] = []
    connection = Connection(URL, KEY, Waits(60, waits, told.append), transport=server.transport)
    server.answers = [("GET", httpx.ReadTimeout("")), ("GET", OK)]

    connection.get_json("/images/image1")

    assert told == ["photos.example.com cannot be reached: ReadTimeout. The next attempt is in 1 s."]


def test_patience_ends(connection: Connection, server: FakeServer, waits: fake_server.Waits) -> None:
    server.answers = [("GET", httpx.ConnectError("refused"))] * 20

    with pytest.raises(ServerUnreachable, match=r"^photos.example.com cannot be reached: refused.$"):
        connection.get_json("/images/image1")

    assert 60 <= sum(waits.seconds) < 120


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (problem(429, "Your library is full.", Retry_After="3600"), ServerBusy, "Your library is full."),
        (problem(507, "The disk is full."), ServerBusy, "The disk is full."),
        (problem(401, "No."), KeyRejected, "Run `pixtag login`."),
        (problem(403, "This needs the scope upload."), RequestRefused, "This needs the scope upload."),
        (httpx.Response(400, text="<html>"), RequestRefused, "photos.example.com answered with status 400."),
        (httpx.Response(400, json={"detail": [1]}), RequestRefused, "photos.example.com answered with status 400."),
        (httpx.Response(200, text="<html>"), RequestRefused, "did not answer as a PixTag server"),
        (httpx.Response(200, json=[1]), RequestRefused, "did not answer as a PixTag server"),
        (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), ServerUnreachable, "CERTIFICATE_VERIFY_FAILED"),
        (httpx.UnsupportedProtocol("ftp"), ServerUnreachable, "ftp"),
    ],
)
def test_answer_that_does_not_pass_is_raised_at_once(
    connection: Connection,
    server: FakeServer,
    waits: fake_server.Waits,
    answer: httpx.Response | Exception,
    error: type[ClientError],
    text: str,
) -> None:
    server.answers = [("GET", answer)]

    with pytest.raises(error, match=text):
        connection.get_json("/images/image1")

    assert waits.seconds == []


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(400, json={"type": "urn:pixtag:account-not-confirmed"}), "urn:pixtag:account-not-confirmed"),
        (httpx.Response(400, json={}), ""),
        (httpx.Response(400, json=[]), ""),
        (httpx.Response(400, text="<html>"), ""),
    ],
)
def test_refusal_names_the_kind_of_the_problem(server: FakeServer, response: httpx.Response, kind: str) -> None:
    server.answers = [("GET", response)]

    with Connection(URL, KEY, transport=server.transport) as connection, pytest.raises(RequestRefused) as refused:
        connection.get_json("/images")

    assert refused.value.kind == kind


def test_wrong_password_is_no_rejected_key(server: FakeServer) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return problem(401, "The password is wrong.")

    with (
        Connection(URL, transport=httpx.MockTransport(refuse)) as connection,
        pytest.raises(RequestRefused, match=r"The password is wrong."),
    ):
        connection.call("POST", "/auth/token", data={})


def test_stop_ends_waits_and_new_requests(server: FakeServer) -> None:
    stop = threading.Event()
    connection = Connection(URL, KEY, Waits(60, stop, lambda _: stop.set()), transport=server.transport)
    server.answers = [("GET", httpx.ConnectError("refused"))]

    for _ in range(2):
        with pytest.raises(Stopped):
            connection.get_json("/images/image1")
    assert len(server.requests) == 1


def test_refused_link_is_explained(connection: Connection, server: FakeServer) -> None:
    server.answers = [("PUT", problem(403, "The link has expired.")), ("GET", problem(403, "The link has expired."))]

    with pytest.raises(LinkRefused, match=r"The link has expired.") as error:
        connection.send_to_link("PUT", f"{STORE}/part/image1/1", dict)
    with pytest.raises(LinkRefused, match=r"The link has expired."):
        connection.open_link(f"{STORE}/original", {})
    assert error.value.status == 403


def test_open_link_streams(connection: Connection, server: FakeServer) -> None:
    server.answers = [("GET", httpx.Response(206, content=b"photo"))]

    response = connection.open_link(f"{STORE}/original", {"Range": "bytes=0-"})

    assert (response.status_code, b"".join(response.iter_bytes())) == (206, b"photo")
