import pytest

from src.runtime.config import ConfigError, read_config
from tests.runtime.conftest import Write

BASE = "app_settings:\n  app_type: shop\n"
LOCAL = BASE + "local_development_settings:\n"


@pytest.mark.parametrize(
    "text,message",
    [
        ("", ":1: the file is empty. Write `app_settings` with `app_type` and `app_name`."),
        ("# only a comment\n", ":1: the file is empty. Write `app_settings` with `app_type` and `app_name`."),
        ("- a\n- b\n", ":1: must hold sections such as `app_settings`, not a list."),
        ("app_settings: [\n", ":2: not valid YAML: did not find expected node content. Correct it and start again."),
        ("a: 1\napp_settings: text\n", ":2: app_settings must hold `key: value` lines."),
        ("app_settings:\n  app_name: [a]\n", ":2: app_settings.app_name must be a text."),
        (
            LOCAL + "  host: localhost\n  port: http\n",
            ":5: local_development_settings.port must be a number from 1 to 65535.",
        ),
        (LOCAL + "  port: 0\n", ":4: local_development_settings.port must be a number from 1 to 65535."),
        (LOCAL + "  port: true\n", ":4: local_development_settings.port must be a number from 1 to 65535."),
        (BASE + "  port: 70000\n", ":3: app_settings.port must be a number from 1 to 65535."),
        (LOCAL + '  debug: "yes"\n', ":4: local_development_settings.debug must be true or false."),
        (
            LOCAL + "  cors_origins: {a: b}\n",
            ':4: local_development_settings.cors_origins must be a list of origins, such as ["https://app.example.com"].',
        ),
        (
            BASE + "runtime_settings:\n  max_body_mb: 0\n",
            ":4: runtime_settings.max_body_mb must be a number of megabytes above 0.",
        ),
        (BASE + "runtime_settings:\n  metrics: 1\n", ":4: runtime_settings.metrics must be true or false."),
        (
            BASE + "runtime_settings:\n  metrics: true\n  maxbody: 1\n",
            ":5: runtime_settings.maxbody is not known; known are max_body_mb, errors_always_400, metrics.",
        ),
        (
            BASE + "  routes_directory: ../elsewhere\n",
            ":3: app_settings.routes_directory must be a folder inside the connector.",
        ),
    ],
)
def test_refuses_with_file_line_and_cure(write: Write, text: str, message: str):
    root = write({"/app_config.yaml": text})
    with pytest.raises(ConfigError) as refused:
        read_config(root)
    assert str(refused.value) == f"{root / 'app_config.yaml'}{message}"


def test_refuses_a_missing_file(write: Write):
    root = write({})
    (root / "app_config.yaml").unlink()
    with pytest.raises(ConfigError) as refused:
        read_config(root)
    assert str(refused.value) == (
        f"{root / 'app_config.yaml'}: not found. Start the connector from its own folder, or create the file."
    )


def test_refuses_a_missing_modules_directory(write: Write):
    root = write({"/app_config.yaml": BASE + "  routes_dir: src/actions\n"})
    with pytest.raises(ConfigError) as refused:
        read_config(root)
    assert str(refused.value) == (
        f"{root / 'app_config.yaml'}:3: app_settings.routes_dir names {root / 'src' / 'actions'}, "
        "which does not exist. Create the folder or correct the path."
    )


def test_bytes_that_are_no_text_are_refused(write: Write):
    root = write({})
    (root / "app_config.yaml").write_bytes(b"app_settings: \xff\n")
    with pytest.raises(ConfigError, match=r"app_config\.yaml:1: not readable as YAML: "):
        read_config(root)


PLATFORM_KEYS = {"app_type_display": "shop", "options": {}}


@pytest.mark.parametrize("key", ["routes_directory_path", "routes_directory", "routes_dir", "routes_path"])
def test_names_of_the_modules_directory(write: Write, key: str):
    root = write({"/app_config.yaml": f"{BASE}  {key}: actions\n", "/actions/keep": ""})
    config = read_config(root)
    assert config.modules_dir == root / "actions"
    assert config.public_settings == {"app_type": "shop", key: "actions", **PLATFORM_KEYS}


def test_the_first_name_of_the_modules_directory_wins(write: Write):
    text = f"{BASE}  routes_path: nowhere\n  routes_directory: src/modules\n"
    config = read_config(write({"/app_config.yaml": text}))
    assert config.modules_dir.name == "modules"
    assert config.public_settings == {"app_type": "shop", "routes_directory": "src/modules", **PLATFORM_KEYS}


@pytest.mark.parametrize(
    "text,port",
    [(BASE, 2003), (BASE + "  port: 2010\n", 2010), (LOCAL + "  port: '2011'\n", 2011)],
)
def test_port(write: Write, text: str, port: int):
    assert read_config(write({"/app_config.yaml": text})).port == port


@pytest.mark.parametrize(
    "text,origins",
    [
        (BASE, ("*",)),
        (BASE + "  cors_origins: ['https://a.example']\n", ("https://a.example",)),
        (BASE + "  cors_origins: [a]\nlocal_development_settings: {cors_origins: [b, c]}\n", ("b", "c")),
        (LOCAL + "  cors_origins: https://a.example\n", ("https://a.example",)),
        (LOCAL + "  cors_origins: []\n", ()),
    ],
)
def test_cors_origins(write: Write, text: str, origins: tuple[str, ...]):
    assert read_config(write({"/app_config.yaml": text})).cors_origins == origins


@pytest.mark.parametrize(
    "value,development",
    [
        (None, True),
        ("", True),
        ("dev", True),
        ("Development", True),
        ("stage", False),
        ("STAGING", False),
        ("prod", False),
        ("production", False),
        ("qa", False),
    ],
)
def test_environment(write: Write, monkeypatch: pytest.MonkeyPatch, value: str | None, development: bool):
    if value is not None:
        monkeypatch.setenv("ENVIRONMENT", value)
    config = read_config(write({}))
    assert config.is_development == development
    assert config.environment == (value or "development")


def test_the_environment_knows_the_sentry_dsn_best(write: Write, monkeypatch: pytest.MonkeyPatch):
    root = write({"/app_config.yaml": LOCAL + "  sentry_dsn: https://file@localhost/1\n"})
    assert read_config(root).sentry_dsn == "https://file@localhost/1"
    monkeypatch.setenv("SENTRY_DSN", "https://env@localhost/1")
    assert read_config(root).sentry_dsn == "https://env@localhost/1"


def test_secrets_do_not_show_when_printed(write: Write, monkeypatch: pytest.MonkeyPatch):
    for name in ("SENTRY_DSN", "API_KEY", "CONNECTOR_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
    assert "hunter2" not in repr(read_config(write({})))


def test_runtime_settings(write: Write):
    text = BASE + "runtime_settings: {max_body_mb: 0.5, errors_always_400: true, metrics: true}\n"
    config = read_config(write({"/app_config.yaml": text}))
    assert (config.max_body_bytes, config.errors_always_400, config.metrics) == (524288, True, True)


@pytest.mark.parametrize(
    "text,display,options",
    [
        (BASE, "shop", {}),
        (BASE + "  app_name: The shop\n", "The shop", {}),
        (BASE + "  app_name: The shop\n  app_type_display: Shops\n  options: {beta: true}\n", "Shops", {"beta": True}),
    ],
)
def test_what_the_platform_always_reads(write: Write, text: str, display: str, options: dict[str, object]):
    settings = read_config(write({"/app_config.yaml": text})).public_settings
    assert (settings["app_type_display"], settings["options"]) == (display, options)
