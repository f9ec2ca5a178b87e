"""The command as it is run: formats, exit codes, options, and what it refuses."""

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from stacksync.rules import GROUPS, RULES
from tests.check.sample import APP, APP_CONFIG, CODE, CONFIG, MODULE_CONFIG, ROUTE, SCHEMA, form, write

BAD_TYPE = form({"id": "kind", "type": "strng"}, {"id": "limit", "type": "string"})
NUMBER = form({"id": "kind", "type": "string"}, {"id": "limit", "type": "integer"})
TYPES = "string, number, integer, boolean, connection, object, array"
REPORT = f"""\
connector/{SCHEMA}:3:35: error SCH005 "strng" is not a type ({TYPES})
    3 | "fields": [{{"id": "kind", "type": "strng"}}, {{"id": "limit", "type": "string"}}]
      |                                   ^^^^^^^
      = write "string"

1 error in 1 module.
"""


@pytest.fixture
def check(stacksync):
    """Return a function that writes the sound connector with some files others, and checks it."""

    def run(files, *options, **environment):
        write(stacksync.cwd / "connector", files)
        return stacksync("check", "connector", *options, **environment)

    return run


def test_nothing_wrong(check):
    done = check({})

    assert (done.returncode, done.stdout, done.stderr) == (0, "Nothing wrong in 1 module.\n", "")


def test_a_finding_with_its_line(check):
    done = check({SCHEMA: BAD_TYPE, ROUTE: CODE.replace('@module.content("kinds")\n', "")})

    assert (done.returncode, done.stdout, done.stderr) == (1, REPORT, "")


def test_quiet(check):
    done = check({SCHEMA: BAD_TYPE}, "--quiet", "--select", "SCH")

    assert done.stdout == REPORT.splitlines(keepends=True)[0]


def test_a_secret_is_not_shown(check):
    key = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    for report in ("text", "json", "github", "sarif"):
        done = check({"src/a.py": f"KEY = '{key}'  # {key[:4]}\n"}, "--format", report)

        assert done.returncode == 1
        assert "PY011" in done.stdout
        assert key not in done.stdout


@pytest.mark.parametrize(
    "options, code",
    [((), 0), (("--strict",), 1), (("--strict", "--ignore", "CFG003"), 0), (("--strict", "--select", "SCH,PY"), 0)],
)
def test_warnings(check, options, code):
    assert check({APP: f"{APP_CONFIG}  nam: x\n"}, *options).returncode == code


def test_json(check):
    done = check({SCHEMA: BAD_TYPE}, "--json", "--select", "SCH")
    report = json.loads(done.stdout)

    assert report == {
        "root": report["root"],
        "findings": [
            {
                "code": "SCH005",
                "severity": "error",
                "file": SCHEMA,
                "line": 3,
                "column": 35,
                "end_line": 3,
                "end_column": 42,
                "message": '"strng" is not a type (string, number, integer, boolean, connection, object, array)',
                "tip": 'write "string"',
                "fixable": False,
                "fixable_by_name": False,
            }
        ],
        "summary": {"errors": 1, "warnings": 0, "notes": 0, "fixable": 0, "modules": 1},
    }
    assert Path(report["root"]).name == "connector"


def test_github(check):
    files = {APP: f"{APP_CONFIG}  app_nam: 100%\n", "src/modules/a, b:c/v1/route.py": CODE}
    done = check(files, "--format", "github", "--select", "CFG,MOD003")

    assert done.stdout.splitlines() == [
        (
            "::warning file=connector/app_config.yaml,line=5,col=3,endLine=5,endColumn=9,title=CFG003::"
            '"app_nam" is not a setting of app_settings. write "app_name"'
        ),
        (
            "::warning file=connector/src/modules/a%2C b%3Ac/v1/route.py,line=1,col=1,endLine=1,title=MOD003::"
            '"a, b:c" is no module name. '
            "call the folder a_b_c; workflows that use the module call its URL, which changes with it"
        ),
    ]


def test_github_escapes_what_it_would_read_as_a_command(check):
    done = check({SCHEMA: form({"id": "a", "type": "50%\n::error::x"})}, "--format", "github", "--select", "SCH005")

    assert done.stdout.startswith(f"::error file=connector/{SCHEMA},line=3,")
    assert '::"50%25%0A::error::x" is not a type' in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_sarif(check):
    files = {SCHEMA: BAD_TYPE, "src/modules/Get Posts/v1/route.py": CODE}
    log = json.loads(check(files, "--format", "sarif", "--select", "SCH,MOD003").stdout)

    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert [rule["id"] for rule in rules] == [rule.code for rule in RULES]
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "warning", "note"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [place["artifactLocation"]["uri"] for place in places] == [
        "connector/src/modules/Get%20Posts/v1/route.py",
        f"connector/{SCHEMA}",
    ]
    assert unquote(places[0]["artifactLocation"]["uri"]).endswith("Get Posts/v1/route.py")
    assert places[1]["region"] == {"startLine": 3, "startColumn": 35, "endLine": 3, "endColumn": 42}


def test_fix(check, stacksync):
    field = {"id": "kind", "type": "string", "help_text": "x"}
    schema = form(field, {"id": "limit", "type": "string"}, ui_options={"ui_order": ["kind"]})
    files = {SCHEMA: schema, ROUTE: CODE.replace('@module.content("kinds")\n', "")}

    before, mended = check(files), check(files, "--fix")

    assert before.stdout.endswith("2 warnings in 1 module. --fix fixes 2.\n")
    assert (mended.returncode, mended.stdout, mended.stderr) == (0, "Nothing wrong in 1 module.\n", "Fixed 2.\n")
    after = (stacksync.cwd / "connector" / SCHEMA).read_text("utf-8")
    assert after == schema.replace("help_text", "description").replace('["kind"]', '["kind", "limit"]')


ASKING = form(
    {"id": "kind", "type": "string", "content": {"type": ["managed"], "content_objects": [{"id": "kinds"}]}},
    {"id": "limit", "type": "string", "help_text": "x"},
)


def test_a_fix_that_changes_how_workflows_run_is_asked_for_by_name(check, stacksync):
    def schema():
        return json.loads((stacksync.cwd / "connector" / SCHEMA).read_text("utf-8"))["fields"]

    checked = check({SCHEMA: ASKING}, "--json")
    plain = stacksync("check", "connector", "--fix")
    prefix = stacksync("check", "connector", "--fix", "--select", "SCH")
    kept = schema()
    named = stacksync("check", "connector", "--fix", "--select", "SCH022")

    report = json.loads(checked.stdout)
    fixes = {each["code"]: (each["fixable"], each["fixable_by_name"]) for each in report["findings"]}
    assert fixes == {"SCH008": (True, False), "SCH022": (False, True)}
    assert report["summary"]["fixable"] == 1
    assert (plain.stderr, prefix.stderr, named.stderr) == ("Fixed 1.\n", "", "Fixed 1.\n")
    assert plain.stdout.endswith("1 warning in 1 module. --fix --select SCH022 changes how existing workflows run.\n")
    assert "validation" not in kept[0]
    assert schema() == [{**kept[0], "validation": {"pattern": ".*"}}, kept[1]]


def test_what_a_named_fix_would_do_is_counted(check):
    done = check({SCHEMA: ASKING}, "--select", "SCH022", "--json")
    report = json.loads(done.stdout)

    assert [each["fixable"] for each in report["findings"]] == [True]
    assert report["summary"]["fixable"] == 1


@pytest.mark.parametrize("options", [(), ("--strict",), ("--strict", "--select", "SCH028")])
def test_notes_never_fail(check, options):
    done = check({SCHEMA: NUMBER, ROUTE: CODE.replace('@module.content("kinds")\n', "")}, *options)

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 note in 1 module.")


def test_a_note_is_one_in_every_format(check):
    files = {SCHEMA: NUMBER, ROUTE: CODE.replace('@module.content("kinds")\n', "")}
    text = check(files).stdout
    report = json.loads(check(files, "--json").stdout)
    github = check(files, "--format", "github").stdout
    (run,) = json.loads(check(files, "--format", "sarif").stdout)["runs"]

    message = '"limit" is a whole number, into which no template can be typed'
    assert text.startswith(f"connector/{SCHEMA}:3:53: note SCH028 {message}\n")
    assert [each["severity"] for each in report["findings"]] == ["note"]
    assert report["summary"] == {"errors": 0, "warnings": 0, "notes": 1, "fixable": 0, "modules": 1}
    assert github.startswith(f"::notice file=connector/{SCHEMA},line=3,col=53,")
    assert [result["level"] for result in run["results"]] == ["note"]


def test_everything_is_counted(check):
    done = check({SCHEMA: NUMBER.replace('"string"', '"strng"'), APP: f"{APP_CONFIG}  nam: x\n"}, "--ignore", "PY")

    assert done.stdout.splitlines()[-1] == "1 error, 1 warning, 1 note in 1 module."


def test_a_part_of_a_connector(stacksync):
    root = write(stacksync.cwd / "connector", {SCHEMA: BAD_TYPE, APP: f"{APP_CONFIG}  nam: x\n"})

    for part, codes in ((SCHEMA, ["SCH005"]), ("src", ["SCH005"]), (APP, ["CFG003"]), ("src/modules/get", [])):
        (root / "src" / "modules" / "get").mkdir(exist_ok=True)
        report = json.loads(stacksync("check", f"connector/{part}", "--json", "--ignore", "PY").stdout)
        assert [finding["code"] for finding in report["findings"]] == codes


def test_a_connector_without_configuration(check):
    done = check({APP: None}, "--quiet")

    assert done.stdout == ("connector/app_config.yaml:1:1: error CFG001 the file is missing\n")


@pytest.mark.parametrize(
    "options, message",
    [
        (("nowhere",), "Error: nowhere does not exist.\nTIP: stacksync check PATH, with the folder of a connector\n"),
        (("connector", "--select", "SCH,PYX"), "Error: --select: there is no rule PYX.\nTIP: did you mean PY?\n"),
        (
            ("connector", "--ignore", "CFG0001"),
            "Error: --ignore: there is no rule CFG0001.\nTIP: did you mean CFG001?\n",
        ),
        (("--explain", "SHC001"), "Error: --explain: there is no rule SHC001.\nTIP: did you mean SCH001?\n"),
    ],
)
def test_what_it_refuses(stacksync, options, message):
    write(stacksync.cwd / "connector", {})
    done = stacksync("check", *options)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_outside_a_connector(stacksync):
    done = stacksync("check")

    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: {stacksync.cwd} is not in a connector: ")


@pytest.mark.parametrize("code", ["SCH008", "sch008"])
def test_explain(stacksync, code):
    assert stacksync("check", "--explain", code).stdout == (
        "SCH008 (warning): A key or widget has another name in the specification.\n\n"
        "This connector's runtime understands it, the platform may not.\n\n"
        "--fix fixes it where the meaning stays the same.\n"
    )


def test_explain_a_fix_that_is_asked_for_by_name(stacksync):
    said = stacksync("check", "--explain", "SCH022").stdout

    assert said.endswith("\n\n--fix --select SCH022 fixes it; that changes how workflows that exist run.\n")


@pytest.mark.parametrize(
    "text, line",
    [
        ("URL = 'http://a.io'\n", "1"),
        ("URL = 'http://a.io'  # stacksync: ignore[PY013]\n", ""),
        ("URL = 'http://a.io'  # stacksync: ignore[PY011, PY]\n", ""),
        ("URL = 'http://a.io'  # stacksync: ignore[PY011]\n", "1"),
        ("# stacksync: ignore-file[PY013]\n\nURL = 'http://a.io'\n", ""),
        ("# stacksync: ignore[PY013]\nURL = 'http://a.io'\n", "2"),
    ],
)
def test_comments_switch_rules_off(check, text, line):
    done = check({"src/a.py": text}, "--quiet")

    assert done.stdout == (f"connector/src/a.py:{line}:7: warning PY013 http://a.io is not https\n" if line else "")


@pytest.mark.parametrize(
    "settings, codes",
    [
        ('ignore = ["CFG003"]', ["SCH005"]),
        ('ignore = ["SCH"]', ["CFG003"]),
        ('per-file-ignores = {"src/modules/*" = ["SCH005"]}', ["CFG003"]),
        ('per-file-ignores = {"other/*" = ["SCH005"]}', ["CFG003", "SCH005"]),
    ],
)
def test_pyproject_switches_rules_off(check, settings, codes):
    files = {SCHEMA: BAD_TYPE, APP: f"{APP_CONFIG}  nam: x\n"}
    done = check({**files, "pyproject.toml": f"[tool.stacksync.check]\n{settings}\n"}, "--json", "--select", "CFG,SCH")

    assert [finding["code"] for finding in json.loads(done.stdout)["findings"]] == codes


@pytest.mark.parametrize(
    "settings, message",
    [
        ('ignore = ["PY999"]', "pyproject.toml: tool.stacksync.check.ignore: there is no rule PY999."),
        ('ignore = "PY001"', "pyproject.toml: tool.stacksync.check.ignore must be a list of codes."),
        ('ignored = ["PY001"]', "pyproject.toml: tool.stacksync.check.ignored is not known."),
        ("per-file-ignores = []", "pyproject.toml: tool.stacksync.check.per-file-ignores must be a table."),
        ("ignore = [", "pyproject.toml is not TOML: "),
    ],
)
def test_settings_that_are_wrong(check, settings, message):
    done = check({"pyproject.toml": f"[tool.stacksync.check]\n{settings}\n"})

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {message}")


def test_what_would_move_the_cursor_is_not_shown(check):
    done = check({"src/a.py": "URL = 'http://a.io'  # \x1b[2J\u202e\n"})

    assert "# " in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_for_terminals(stacksync, no_color):
    write(stacksync.cwd / "connector", {SCHEMA: BAD_TYPE})
    ours, theirs = pty.openpty()
    environment = stacksync.environment | {"TERM": "xterm-256color"} | ({"NO_COLOR": no_color} if no_color else {})
    command = stacksync.command("check", "connector", "--select", "SCH")
    with subprocess.Popen(command, cwd=stacksync.cwd, env=environment, stdout=theirs) as process:
        os.close(theirs)
        shown = read_all(ours)
    os.close(ours)

    assert process.returncode == 1
    assert ("\x1b[" in shown) is not bool(no_color)
    plain = "".join(shown.replace("\r\n", "\n").split("\x1b[0m"))
    assert plain == REPORT or not no_color


def read_all(end):
    """Return what arrives at one end of a terminal until the other is closed."""
    read = b""
    while select.select([end], [], [], 60)[0]:
        try:
            part = os.read(end, 65536)
        except OSError:
            part = b""
        if not part:
            break
        read += part
    return read.decode()


def test_rules_have_codes_and_words():
    codes = [rule.code for rule in RULES]

    assert len(codes) == len(set(codes))
    for prefix in GROUPS:
        numbers = [int(code.removeprefix(prefix)) for code in codes if code.startswith(prefix)]
        assert numbers == list(range(1, len(numbers) + 1))
    for rule in RULES:
        assert rule.title[-1] != "."
        assert rule.why[-1] == "."
        assert type(rule).__doc__


def test_a_module_config_with_a_byte_order_mark(check):
    assert check({CONFIG: "\ufeff" + MODULE_CONFIG}).returncode == 0
