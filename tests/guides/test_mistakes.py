"""A mistake in a page is found: these are the tests of what follows pages."""

import sys
from collections.abc import Iterator

import pytest

from tests.guides.pages import Block, is_whole, read_blocks
from tests.guides.reader import Reader

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs bash")

ALERT = """\
groups:
  - rules:
      - alert: Fails
        expr: sum by (module) (rate(connector_requests_total{status="500"}[5m])) > 0
        for: 5m
        labels: {severity: page}
        annotations: {summary: It fails., description: Look.}"""
TRUE = {
    "commands": (
        "bash",
        "ls main.py\nstacksync list --json\ndocker build -t crm .\nkubectl apply -k config/kubernetes/overlays/prod",
    ),
    "commands of Windows": ("bat", "py -m venv .venv\n.venv\\Scripts\\activate"),
    "an alert": ("yaml", ALERT),
    "a setting": ("yaml", "runtime_settings: {metrics: true}"),
    "a field": ("json", '{"id": "a", "type": "string"}'),
    "a tree": ("text", "src/runtime/  the runtime\n  app.py  puts it together"),
}
MISTAKES = {
    "a command that is not there": ("bash", "stacksync serve"),
    "an option that is not there": ("bash", "stacksync list --all"),
    "an option of another program": ("bash", "docker build --quick -t my_connector ."),
    "a file that is not there": ("bash", "docker compose -f compose.yaml up connector"),
    "an overlay that is not there": ("bash", "kubectl apply -k config/kubernetes/overlays/test"),
    "a command of kubectl that is not there": ("bash", "kubectl rollout pause deployment/crm --namespace a"),
    "a secret of no file": ("bash", "kubectl create secret generic crm --from-env-file=.env.test"),
    "a service of no file": ("bash", "gcloud run services replace cloudrun.yaml"),
    "an option that gcloud has not": ("bash", "gcloud secrets create a --file=.env"),
    "a lock of nothing": ("bash", "uv pip compile requirements.in -o requirements.lock"),
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
    "a log line that nobody wrote": ("json", '{"time": "…", "logger": "stacksync.request"}'),
    "a metric that is not published": ("yaml", ALERT.replace("requests_total", "requests")),
    "a label that a metric has not": ("yaml", ALERT.replace("status=", "code=")),
    "another label to add up by": ("yaml", ALERT.replace("by (module)", "by (status, name)")),
    "an alert that says not what to do": ("yaml", ALERT.replace(", description: Look.", "")),
    "an alert for nobody": ("yaml", ALERT.replace("severity: page", "severity: high")),
    "a key that no alert has": ("yaml", ALERT.replace("for:", "during:")),
    "an expression that cannot be read": ("yaml", ALERT.replace("rate(", "rate((")),
    "a switch that is not there": ("yaml", "runtime_settings: {metric: true}"),
    "a path that is not there": ("text", "src/runtime/  the runtime\n  nothing.py  nothing"),
    "a change of no file": ("diff", "-a\n+b"),
    "a language that nobody tries": ("ini", "a = 1"),
    "no language": ("", "ls"),
}


# What is not committed, ignored files included, but for those that tools leave.
STATE = "git status --porcelain --ignored --untracked-files=all -- . ':!.venv' ':!*cache*'"


@pytest.fixture(scope="module")
def careless_reader(shared_reader: Reader) -> Iterator[Reader]:
    """Return a reader of pages that write nothing, which is compared when all were read."""
    before = shared_reader.shell(STATE)
    yield shared_reader
    assert shared_reader.shell(STATE) == before


@pytest.mark.parametrize("language, text", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found(careless_reader: Reader, language: str, text: str) -> None:
    with pytest.raises(AssertionError, match=rf"^line 3, {language}: "):
        careless_reader.follow(f"# A page\n\n```{language}\n{text}\n```\n")


@pytest.mark.parametrize("language, text", TRUE.values(), ids=TRUE.keys())
def test_what_is_true_is_no_mistake(careless_reader: Reader, language: str, text: str) -> None:
    careless_reader.follow(f"# A page\n\n```{language}\n{text}\n```\n")


def test_an_answer_or_a_log_line_that_is_another_is_found(careless_reader: Reader) -> None:
    call = (
        "curl -X POST http://127.0.0.1:2003/new_empty_action/v1/execute -H 'Content-Type: application/json'"
        """ -d '{"data": {"name": "Ada", "language": "fr"}}'"""
    )
    line = (
        '{"time": "…", "level": "INFO", "request_id": "…", "logger": "stacksync.request", "method": "POST",'
        ' "route": "…", "module": "…", "version": "v1", "status": 200, "ms": 1.5}'
    )
    true = ['{"data": {"message": "Bonjour Ada"}}', '{"data": {"message": "…"}}', line]
    others = {
        '{"data": {"message": "Hola Ada"}}': "the answer.data",
        '{"data": {"message": "…", "text": "…"}}': "the answer.data",
        line.replace("200", "404"): "the answer.status",
        line.replace('"ms"', '"seconds"'): "the fields are",
        line.replace("stacksync.request", "stacksync.forms"): "stacksync.forms wrote nothing",
    }

    careless_reader.follow(f"```bash\n{call}\n```\n" + "".join(f"\n```json\n{text}\n```\n" for text in true))
    for text, problem in others.items():
        with pytest.raises(AssertionError, match=problem):
            careless_reader.do(Block(1, "json", text))


def test_a_file_is_written_where_its_name_says(reader: Reader) -> None:
    reader.follow("`src/modules/a/v1/route.py`:\n\n```python\nimport nothing\n```\n")

    assert (reader.folder / "src/modules/a/v1/route.py").read_text("utf-8") == "import nothing\n"


def test_a_change_is_made_where_its_lines_stand_once(reader: Reader) -> None:
    change = "`src/api_client.py`:\n\n```diff\n-{}\n+# changed\n```\n"
    reader.follow(change.format('BASE_URL = "https://api.example.com"'))

    assert "\n# changed\n" in (reader.folder / "src/api_client.py").read_text("utf-8")
    with pytest.raises(AssertionError, match=r"^line 3, diff: src/api_client\.py has 0 times: "):
        reader.follow(change.format('BASE_URL = "https://api.example.com"'))


@pytest.mark.parametrize("page", ["Run\n\n    ls\n", "- so:\n\n  ```bash\n  ls\n  ```\n", "```bash\nls\n"])
def test_code_that_is_not_read_is_found(page: str) -> None:
    assert not is_whole(page)
    assert list(read_blocks(page)) == []
