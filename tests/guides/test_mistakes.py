"""A mistake in a page is found: these are the tests of what follows pages."""

import sys

import pytest

from tests.guides.pages import is_whole, read_blocks
from tests.guides.reader import Reader

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs bash")

TRUE = {
    "bash": ["ls main.py", "docker build -t my_connector .", "stacksync list --json", ". .venv/bin/activate"],
}
LOG_LINE = (
    '{"time": "…", "level": "INFO", "request_id": "…", "method": "POST", "route": "/a/v1/execute", "module": "a",'
    ' "version": "v1", "endpoint": "execute", "status": 200, "ms": 1.5}'
)
ALERT = """\
groups:
  - rules:
      - expr: rate(connector_requests_total{status="500"}[5m]) > 0
        for: 5m
        annotations: {summary: It fails.}"""
MISTAKES = {
    "a command that is not there": ("bash", "stacksync serve"),
    "an option that is not there": ("bash", "stacksync list --all"),
    "an option of another program": ("bash", "docker build --quick -t my_connector ."),
    "a file that is not there": ("bash", "docker compose -f compose.yaml up connector"),
    "requirements that are not there": ("bash", "pip install -r dev.txt"),
    "tests that are not there": ("bash", "pytest src/modules/nothing"),
    "a first line that fails": ("bash", "false\ntrue"),
    "a server that does not start": ("bash", "gunicorn main:application"),
    "an error that is not shown": ("bash", "curl http://127.0.0.1:2003/nothing"),
    "a command of Windows that is not there": ("bat", "py -m vent .venv"),
    "code that fails": ("python", "from src.runtime import Nothing"),
    "a warning": ("python", "import warnings\nwarnings.warn('old')"),
    "no JSON": ("json", '{"id": }'),
    "a type that is not there": ("json", '{"id": "a", "type": "strng"}'),
    "a key that is not there": ("json", '{"id": "a", "type": "string", "mandatory": true}'),
    "JSON that is neither": ("json", '{"path_id": 1}'),
    "a key of configuration that is not there": ("yaml", "module_settings: {title: A}"),
    "a field that no log line has": ("json", LOG_LINE.replace('"ms"', '"seconds"')),
    "a metric that is not published": ("yaml", ALERT.replace("requests_total", "requests")),
    "a label that a metric has not": ("yaml", ALERT.replace("status=", "code=")),
    "an expression that cannot be read": ("yaml", ALERT.replace("rate(", "rate((")),
    "a switch that is not there": ("yaml", "runtime_settings: {metric: true}"),
    "a path that is not there": ("text", "src/runtime/  the runtime\n  nothing.py  nothing"),
    "a language that nobody tries": ("ini", "a = 1"),
    "no language": ("", "ls"),
}


@pytest.mark.parametrize("language, text", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found(reader: Reader, language: str, text: str) -> None:
    with pytest.raises(AssertionError, match=rf"^line 3, {language}: "):
        reader.follow(f"# A page\n\n```{language}\n{text}\n```\n")


@pytest.mark.parametrize("answer", ['{"data": {"message": "Hola Ada"}}', '{"data": {"message": "…", "text": "…"}}'])
def test_an_answer_that_is_another_is_found(reader: Reader, answer: str) -> None:
    call = (
        "curl -X POST http://127.0.0.1:2003/new_empty_action/v1/execute -H 'Content-Type: application/json'"
        """ -d '{"data": {"name": "Ada", "language": "fr"}}'"""
    )
    page = f"```bash\n{call}\n```\n\n```json\n%s\n```\n"

    reader.follow(page % '{"data": {"message": "Bonjour Ada"}}')
    reader.follow(page % '{"data": {"message": "…"}}')
    with pytest.raises(AssertionError, match=r"^line 5, json: the answer"):
        reader.follow(page % answer)


def test_a_file_is_written_where_its_name_says(reader: Reader) -> None:
    reader.follow("`src/modules/a/v1/route.py`:\n\n```python\nimport nothing\n```\n")

    assert (reader.folder / "src/modules/a/v1/route.py").read_text("utf-8") == "import nothing\n"


@pytest.mark.parametrize("page", ["Run\n\n    ls\n", "- so:\n\n  ```bash\n  ls\n  ```\n", "```bash\nls\n"])
def test_code_that_is_not_read_is_found(page: str) -> None:
    assert not is_whole(page)
    assert list(read_blocks(page)) == []
