"""Studio shows, logs and saves no secret, however an API or a module writes it."""

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest

from stacksync.masking import MASK, mask, mask_in
from stacksync.studio.form.controls import Input
from stacksync.studio.runs.history import MOST_BYTES, History, HistoryEntry
from stacksync.studio.runs.sending import Answer
from tests.studio.conftest import Studio, running, studio

__all__ = ["running", "studio"]

SECRET = 's3cret+of/the="account"_Ünseen'
IN_DOT_ENV = "another-s3cret-of-this-machine"


@pytest.mark.parametrize(
    "before, written, after",
    [
        ("", SECRET, ""),
        ("Bearer ", SECRET, "!"),
        ("https://user:", SECRET, "@example.com"),
        ("", SECRET.upper(), ""),
        ("?token=", quote(SECRET, safe=""), "&page=2"),
        ("/", quote(SECRET), "/"),
        ("?token=", quote_plus(SECRET).lower(), ""),
        ("<b>", html.escape(SECRET), "</b>"),
        ("{'token': '", repr(SECRET)[1:-1], "'}"),
        ('{"token": "', json.dumps(SECRET)[1:-1], '"}'),
        ('{"token": "', json.dumps(SECRET, ensure_ascii=False)[1:-1], '"}'),
        ('{"body": "{\\"token\\": \\"', json.dumps(json.dumps(SECRET)[1:-1])[1:-1], '\\"}"}'),
        ("", SECRET.encode().hex(), ""),
        ("invalid key ", SECRET[:14], "..."),
        ("...", SECRET[-16:], " is expired"),
        ("", SECRET[5:20], ""),
    ],
)
def test_a_secret_is_masked_however_it_is_written(before, written, after):
    assert mask(f"{before}{written}{after}", {SECRET}) == f"{before}{MASK}{after}"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("beside", ["", "u", "us", "user:"])
def test_a_secret_in_base64_is_masked_wherever_it_stands_in_the_text(encode, beside):
    shown = mask(encode(f"{beside}{SECRET}{beside}".encode()).decode(), {SECRET})
    assert MASK in shown
    assert len(shown.replace(MASK, "")) <= 2 * (len(beside) * 4 // 3 + 2) + 2  # the neighbours, and the padding


def test_what_is_no_secret_stays():
    text = "GET /v1/contacts?limit=50 answered 200 s3cret"
    assert mask(text, {SECRET, "v1", "200"}) == text


def test_numbers_and_keys_are_masked_too():
    assert mask_in({"12345678": [12345678, True, None, "x"]}, {"12345678"}) == {MASK: [MASK, True, None, "x"]}


def test_a_large_answer_is_soon_searched():
    secrets = {f"{number:032x}" for number in range(100)} | {"a" * 3000}

    begin = time.process_time()
    for answer in ("x" * 5_000_000, "a" * 5_000_000, "0" * 31 * 100_000):
        mask(answer, secrets)
    assert time.process_time() - begin < 10


def test_what_the_module_answers_shows_no_secret(studio: Studio) -> None:
    (studio.root / ".env").write_text(f"CRM_TOKEN={IN_DOT_ENV}\n")
    connection = studio.connect("One", token=SECRET)
    answer = studio.post(
        "/m/greet/v1/run",
        name=f"Authorization: {base64.b64encode(SECRET.encode()).decode()}",
        greeting=IN_DOT_ENV.upper(),
        account=connection,
        pin="pin-4711-secret",
    ).get_json()
    studio.connector.event_after(0, "log", lambda data: data["run"] == answer["run"] and "greeting" in data["line"])

    shown = [answer["response"], studio.get("/m/greet/v1/history").text, *studio.connector.logged(answer["run"])]
    for text in ("\n".join(shown), html.unescape("\n".join(shown))):
        for secret in (SECRET, IN_DOT_ENV.upper(), "pin-4711-secret", base64.b64encode(SECRET.encode()).decode()):
            assert secret not in text
    (studio.root / ".env").unlink()


def test_an_example_holds_no_secret(studio: Studio) -> None:
    (studio.root / ".env").write_text(f"CRM_TOKEN={IN_DOT_ENV}\n")
    connection = studio.connect("One", token="cost$5-and-secret")
    data = {"name": f"Bearer {IN_DOT_ENV}", "greeting": "cost$5-and-secret", "account": connection}
    studio.post("/m/greet/v1/run", **data)
    saved = studio.root / studio.post("/m/greet/v1/examples", **data, _example="quiet").get_json()["file"]

    content = json.loads(saved.read_text())
    assert content["request"]["data"] == {
        "name": "${name}",
        "greeting": "${greeting}",
        "account": {"id": connection, "connection_data": {"value": {"token": "${token}"}}},
    }
    assert "reply" not in content
    saved.unlink()
    (studio.root / ".env").unlink()


@pytest.mark.parametrize("text", ["$5", "$$5", "$name", "${name}", "100%$"])
def test_a_dollar_comes_back_as_it_was_typed(studio: Studio, text: str) -> None:
    saved = studio.root / studio.post("/m/greet/v1/examples", name=text, _example="dollar").get_json()["file"]
    assert f'value="{html.escape(text)}"' in studio.get("/m/greet/v1/examples/dollar").text
    saved.unlink()


def test_large_answers_do_not_pile_up():
    history = History()
    for number in range(200):
        answer = Answer(200, "application/json", b"x" * 5_000_000)
        history.add(HistoryEntry(number, "greet/v1", "execute", Input({}), {}, answer, "x" * 5_000_000))

    kept = history.of("greet/v1")
    assert kept[0].number == 199
    assert sum(len(entry.answer.body) + len(entry.reply) for entry in kept) <= MOST_BYTES


def test_an_answer_larger_than_all_that_is_kept_is_shown_all_the_same():
    history = History()
    history.add(HistoryEntry(1, "greet/v1", "execute", Input({}), {}, Answer(200, "", b"x" * (MOST_BYTES + 1)), ""))
    assert history.get(1)
