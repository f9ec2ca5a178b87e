"""An answer is bounded in time and size, and fails as the API's fault, streamed or not."""

import gzip
import json
import runpy
import zlib

import pytest

from src.runtime import ManagedError
from src.runtime.http import Retries, session
from tests.conftest import ROOT

LIMIT = 32 * 1024 * 1024
SHORT = Retries(budget=0.3)


def fail(do):
    with pytest.raises(ManagedError) as caught:
        do()
    return caught.value.error, caught.value.status_code


def in_parts(received):
    return b"".join(received.iter_content(1000))


def packed(megabytes, wbits):
    """Return so many zeros, packed; each megabyte after the first is the same bytes."""
    packer = zlib.compressobj(9, wbits=wbits)
    first, other = (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + other * (megabytes - 1)


BOMBS = {
    "gzip": ("gzip", packed(200, 31)),
    "deflate": ("deflate", packed(200, 15)),
    "twice": ("gzip, gzip", gzip.compress(packed(1000, 31))),
}


@pytest.mark.parametrize("status", [200, 400, 503, 302])
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_not_unpacked(api, answer, bomb, status):
    encoding, content = BOMBS[bomb]
    headers = {"Content-Encoding": encoding, "Location": "/next"}
    api.answer(answer(status, content=content, headers=headers))

    error, code = fail(lambda: session(api.url, retries=Retries(backoff=0)).get("things"))

    assert code == 502
    assert error == ("127.0.0.1 answered with more than 32 MB" if status < 400 else f"127.0.0.1 answered {status}")


def test_a_streamed_bomb_is_not_unpacked(api, answer):
    encoding, content = BOMBS["twice"]
    api.answer(answer(content=content, headers={"Content-Encoding": encoding}))
    received = session(api.url).get("things", stream=True)

    assert fail(lambda: in_parts(received)) == ("127.0.0.1 answered with more than 32 MB", 502)


def test_a_module_that_streams_files_may_allow_more(api, answer):
    api.answer(answer(content=bytes(2000)))
    calls = session(api.url)

    calls.largest = 1999
    assert fail(lambda: in_parts(calls.get("things", stream=True)))[1] == 502
    calls.largest = 2000
    assert len(in_parts(calls.get("things", stream=True))) == 2000


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "broken, error",
    [
        ({"content": "abc", "short": True}, "127.0.0.1 cannot be reached, or broke off the connection"),
        (
            {"content": "no gzip", "headers": {"Content-Encoding": "gzip"}},
            "127.0.0.1 sent something that cannot be decompressed",
        ),
        (
            {"content": "5\r\nab", "headers": {"Transfer-Encoding": "chunked", "Connection": "close"}},
            "127.0.0.1 cannot be reached, or broke off the connection",
        ),
        ({"content": "zz\r\n", "headers": {"Transfer-Encoding": "chunked"}}, None),
    ],
)
def test_a_body_that_breaks_off_is_the_api_s_fault(api, answer, broken, error, stream):
    api.answer(answer(**broken))

    told, code = fail(lambda: in_parts(session(api.url).get("things", stream=stream)))

    assert code == 502
    assert error is None or told == error


def test_an_error_whose_body_breaks_off_still_has_its_status(api, answer):
    api.answer(answer(404, content="abc", short=True))

    assert fail(lambda: session(api.url).get("things")) == ("127.0.0.1 answered 404", 502)


READERS = [lambda r: list(r.iter_lines()), lambda r: r.content, lambda r: r.json(), lambda r: r.text]


@pytest.mark.parametrize("read", READERS)
def test_so_it_is_however_a_stream_is_read(api, answer, read):
    api.answer(answer(content="abc", short=True))
    received = session(api.url).get("things", stream=True)

    assert fail(lambda: read(received)) == ("127.0.0.1 cannot be reached, or broke off the connection", 502)


def test_an_answer_that_comes_byte_by_byte_is_given_up(api, answer):
    api.answer(answer(content="x" * 1000, drip=0.05))

    assert fail(lambda: session(api.url, retries=SHORT).get("things")) == ("127.0.0.1 did not answer in time", 504)


@pytest.mark.parametrize("stream", [False, True])
def test_a_body_that_comes_byte_by_byte_is_given_up(api, answer, stream):
    api.answer(answer(content="x" * 100_000, drip=0.0005))
    calls = session(api.url, retries=SHORT)

    assert fail(lambda: in_parts(calls.get("things", stream=stream))) == ("127.0.0.1 did not answer in time", 504)


def test_redirects_share_the_time_of_the_call(api, answer):
    api.answer(*[answer(302, headers={"Location": "/a"}, drip=0.002)] * 20)

    assert fail(lambda: session(api.url, retries=SHORT).get("things")) == ("127.0.0.1 did not answer in time", 504)
    assert len(api.asked) < 20


def test_a_body_that_nobody_takes_is_given_up(api, answer):
    """The server stops reading after the head: what is sent fills the buffers between the two, and no further."""
    api.answer(answer(deaf=True))
    calls = session(api.url, timeout=30, retries=SHORT)

    error, code = fail(lambda: calls.post("things", data=bytes(50 << 20)))

    assert (error, code) in [
        ("127.0.0.1 did not answer in time", 504),
        ("127.0.0.1 cannot be reached, or broke off the connection", 502),
    ]


def test_a_call_has_its_time_again_on_the_same_connection(api, answer):
    calls = session(api.url, retries=Retries(budget=1))

    for _ in range(3):
        assert calls.get("things").json() == {"ok": True}


def test_the_time_of_a_token_is_part_of_the_call_s(api, make_api, answer):
    from src.runtime.http import OAuth2

    tokens = make_api()
    tokens.answer(answer(hang=True))
    auth = OAuth2(token_url=tokens.url, client_id="id", client_secret="secret")

    assert fail(lambda: session(api.url, auth, retries=SHORT).get("things"))[1] == 504
    assert api.asked == []


def test_a_call_takes_less_time_than_gunicorn_gives_a_worker(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "template"))
    settings = runpy.run_path(str(ROOT / "template/gunicorn.conf.py"))

    assert Retries().budget < settings["timeout"]


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=iso-8859-1"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_with_a_byte_order_mark_is_read(api, answer, encoding, charset):
    content = json.dumps({"a": "Größe"}, ensure_ascii=False).encode(encoding)
    api.answer(answer(content=content, headers={"Content-Type": f"application/json{charset}"}))

    assert session(api.url).get("things").json() == {"a": "Größe"}


def test_json_in_another_charset_is_read_where_the_api_says_so(api, answer):
    content = '{"a": "Größe"}'.encode("latin-1")
    api.answer(answer(content=content, headers={"Content-Type": "application/json; charset=iso-8859-1"}))

    assert session(api.url).get("things").json() == {"a": "Größe"}
