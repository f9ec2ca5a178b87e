"""Rules about app_config.yaml: what breaks each, with the exact finding, and what comes close and does not."""

import pytest

from tests.check.sample import APP, APP_CONFIG, found, write

LOCAL = "local_development_settings:\n"
IDENTIFIER = "lowercase letters, digits and underscores, beginning with a letter"
WRITE_SECTION = "write an app_settings section with app_type and app_name"
TAKE_OUT = "take it out, read it from the environment (.env locally), and replace the secret"
KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def setting(line: str) -> str:
    """Return the configuration with one more line in app_settings, which is line 5."""
    return f"{APP_CONFIG}  {line}\n"


@pytest.mark.parametrize(
    "code, text, finding",
    [
        ("CFG001", None, f"1:1 error CFG001 the file is missing -> create it: {WRITE_SECTION}"),
        ("CFG001", "", f"1:1 error CFG001 the file is empty -> {WRITE_SECTION}"),
        ("CFG001", "- a\n", f"1:1 error CFG001 the file holds a list instead of sections -> {WRITE_SECTION}"),
        (
            "CFG001",
            "app_settings:\n  a: [\n  b\n",
            (
                "4:1 error CFG001 the file is not YAML: did not find expected ',' or ']' -> "
                "correct it; nothing else is read"
            ),
        ),
        (
            "CFG002",
            setting("app_name: Other"),
            '5:3 error CFG002 "app_name" stands here a second time -> keep one of them',
        ),
        (
            "CFG003",
            setting("app_nam: x"),
            '5:3 warning CFG003 "app_nam" is not a setting of app_settings -> write "app_name"',
        ),
        (
            "CFG003",
            f"{APP_CONFIG}local_development_setting:\n  port: 1\n",
            '5:1 warning CFG003 "local_development_setting" is not a section -> write "local_development_settings"',
        ),
        (
            "CFG003",
            f"{APP_CONFIG}runtime_settings:\n  metric: true\n",
            '6:3 error CFG003 "metric" is not a setting of runtime_settings -> write "metrics"',
        ),
        ("CFG004", "app_settings:\n  app_name: A\n", f'2:3 error CFG004 "app_type" is missing -> {IDENTIFIER}'),
        (
            "CFG004",
            APP_CONFIG.replace("crm", "My CRM"),
            f'2:13 error CFG004 "app_type" cannot be "My CRM" -> {IDENTIFIER}',
        ),
        (
            "CFG004",
            APP_CONFIG.replace("crm", "12"),
            f'2:13 error CFG004 "app_type" must be a text, not 12 -> {IDENTIFIER}',
        ),
        ("CFG005", "app_settings:\n  app_type: a\n", '2:3 error CFG005 "app_name" is missing -> The name users see.'),
        ("CFG005", APP_CONFIG.replace("CRM", '""'), '3:13 error CFG005 "app_name" is empty -> The name users see.'),
        (
            "CFG006",
            setting("app_icon_svg_url: http://example.com/i.svg"),
            (
                '5:21 warning CFG006 "http://example.com/i.svg" is not an https address -> '
                "an address such as https://example.com/icon.svg"
            ),
        ),
        (
            "CFG006",
            setting('app_icon_svg_url: "https://example.com/i.png?x=1"'),
            (
                '5:21 warning CFG006 "https://example.com/i.png?x=1" is not an SVG file -> '
                "an address such as https://example.com/icon.svg"
            ),
        ),
        (
            "CFG007",
            APP_CONFIG.replace("src/modules", "src/routes"),
            (
                "4:21 error CFG007 routes_directory names src/routes, which does not exist -> "
                'write "src/modules", which holds modules'
            ),
        ),
        (
            "CFG007",
            APP_CONFIG.replace("src/modules", "../elsewhere"),
            '4:21 error CFG007 "../elsewhere" is not a folder inside the connector -> write "src/modules"',
        ),
        (
            "CFG008",
            APP_CONFIG.replace("  routes_directory: src/modules\n", f"{LOCAL}  routes_directory: src/modules\n"),
            (
                '5:3 warning CFG008 "routes_directory" is not read in local_development_settings -> '
                "move it to app_settings"
            ),
        ),
        (
            "CFG009",
            f"{APP_CONFIG}{LOCAL}  port: 70000\n",
            '6:9 error CFG009 "port" must be at most 65535 -> a number from 1 to 65535, such as 2003',
        ),
        (
            "CFG009",
            f"{APP_CONFIG}{LOCAL}  port: http\n",
            '6:9 error CFG009 "port" must be a whole number, not "http" -> a number from 1 to 65535, such as 2003',
        ),
        ("CFG010", setting("api_key: hunter2"), f'5:12 error CFG010 "api_key" holds a secret -> {TAKE_OUT}'),
        (
            "CFG010",
            setting(f"app_description: {KEY}"),
            f'5:20 error CFG010 "app_description" holds a secret -> {TAKE_OUT}',
        ),
        (
            "CFG010",
            setting("sentry_dsn: https://a@b/1"),
            f'5:15 error CFG010 "sentry_dsn" holds a secret -> {TAKE_OUT}',
        ),
        (
            "CFG011",
            f"{APP_CONFIG}{LOCAL}  debug: sure\n",
            '6:10 error CFG011 "debug" must be true or false, not "sure" -> Debug mode, for development only.',
        ),
        (
            "CFG011",
            "app_settings: 5\n",
            (
                '1:15 error CFG011 "app_settings" must be a section of `key: value` lines, not 5 -> '
                "What the connector is. Read by the platform."
            ),
        ),
    ],
)
def test_finds_what_is_wrong(tmp_path, code, text, finding):
    root = write(tmp_path, {APP: text})

    assert found(root, code) == [f"{APP}:{finding}"]


@pytest.mark.parametrize(
    "text",
    [
        APP_CONFIG,
        "\ufeff" + APP_CONFIG,
        APP_CONFIG.replace("\n", "\r\n"),
        APP_CONFIG.replace("  routes_directory: src/modules\n", ""),
        APP_CONFIG.replace("routes_directory", "routes_path"),
        f"{APP_CONFIG}{LOCAL}  routes_directory: src/modules\n  port: 1\n  sentry_dsn: https://a@b/1\n",
        setting("app_icon_svg_url: https://example.com/icon"),
        setting('app_icon_svg_url: ""'),
        setting("sentry_dsn: ''"),
        setting("app_description: Reads your API key and access token"),
        f"{APP_CONFIG}runtime_settings:\n  metrics: true\n  max_body_mb: 0.5\n",
    ],
)
def test_finds_nothing_where_nothing_is_wrong(tmp_path, text):
    root = write(tmp_path, {APP: text})

    assert found(root) == []


def test_the_last_of_repeated_keys_counts(tmp_path):
    root = write(tmp_path, {APP: "app_settings: {}\n" + APP_CONFIG})

    assert found(root) == [f'{APP}:2:1 error CFG002 "app_settings" stands here a second time -> keep one of them']


def test_a_yaml_anchor_that_holds_itself_is_refused(tmp_path):
    root = write(tmp_path, {APP: f"{APP_CONFIG}  app_description: &a [*a]\n"})

    assert [line for line in found(root) if "is not YAML: its aliases make it too large" in line]


def test_the_sound_connector_is_sound(tmp_path):
    assert found(write(tmp_path, {})) == []
