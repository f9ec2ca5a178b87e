"""Formats, checked with the standard library alone."""

import pytest

from src.runtime.forms.conversion import FORMATS

GOOD = {
    "email": [
        "ada@example.com",
        "te~st@example.com",
        "a.b+c@sub.example.co",
        '"a b"@example.com',
        '"a@b"@example.com',
        "a@localhost",
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
    ],
    "uri": [
        "http://example.com",
        "HTTPS://example.com:8080/a%20b?q=1&r#top",
        "http://user:pass@example.com/",
        "urn:isbn:1",
        "mailto:ada@example.com",
        "ftp://[::1]/x",
        "http://example.com/(a)_b",
        "tel:+1-816-555-1212",
        "file:///etc/x",
    ],
    "date": ["2026-01-31", "2024-02-29", "2000-02-29", "0000-02-29", "9999-12-31"],
    "date-time": [
        "2026-01-31T09:30:00Z",
        "2026-01-31t09:30:00.123456789z",
        "2026-01-31T23:59:59+14:00",
        "1998-12-31T23:59:60Z",
        "1998-12-31T15:59:60-08:00",
    ],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
}
BAD = {
    "email": [
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..b@example.com",
        "a b@example.com",
        "ada@exa_mple.com",
        "ada@-example.com",
        "ada@example.com\n",
        "ada@example..com",
        "ä@example.com",
        "a@[999.0.0.1]",
        "a" * 65 + "@example.com",
        "a@" + "b." * 130 + "com",
    ],
    "uri": [
        "example.com",
        "/path",
        "//example.com/x",
        "http://",
        "http:///path",
        "http://exa mple.com",
        "http://example.com/a b",
        "http://example.com/<x>",
        "http://example.com/ä",
        "http://example.com/%zz",
        "http://[::1",
        "http://[:::1]/",
        "1http://example.com",
        ":foo",
        "bar,baz:foo",
        "http://example.com/\\x",
        "http://example.com\n",
        "http://a:port/",
    ],
    "date": [
        "2026-1-31",
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-04-31",
        "31-01-2026",
        "2026-01-31\n",
        "٢٠٢٦-01-31",
        "20260131",
        "2026-01-31T00:00:00Z",
    ],
    "date-time": [
        "2026-01-31",
        "2026-01-31T09:30:00",
        "2026-01-31T09:30Z",
        "2026-01-31 09:30:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T09:60:00Z",
        "2026-01-31T09:30:60Z",
        "2026-01-31T09:30:00+24:00",
        "2026-02-30T09:30:00Z",
        "1998-12-31T22:59:60Z",
        "2026-01-31T09:30:00.Z",
        "2026-01-31T09:30:00Z\n",
    ],
    "uuid": [
        "123e4567e89b12d3a456426614174000",
        "123e4567-e89b-12d3-a456-42661417400g",
        "{123e4567-e89b-12d3-a456-426614174000}",
        "",
    ],
}


def cases(table):
    return [
        pytest.param(name, text, id=f"{name}-{index}")
        for name, texts in table.items()
        for index, text in enumerate(texts)
    ]


@pytest.mark.parametrize("name, text", cases(GOOD))
def test_good(name, text):
    assert FORMATS[name](text)


@pytest.mark.parametrize("name, text", cases(BAD))
def test_bad(name, text):
    assert not FORMATS[name](text)


@pytest.mark.parametrize("name", BAD)
def test_long_texts_take_no_time(name):
    for text in ("a" * 200_000, "a." * 100_000 + "@", '"' + "\\" * 100_000, "http://" + "a@" * 100_000):
        assert not FORMATS[name](text)
