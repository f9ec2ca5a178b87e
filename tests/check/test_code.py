"""Rules about Python code: imports, calls of other services, and secrets."""

import pytest

from tests.check.sample import CODE, FORM, ROUTE, SCHEMA, form, found, write

CALLS = "src/calls.py"
WAITS = "pass timeout=30, or call through the session of src/api_client.py"
LEAVE_OUT = "leave it out; say that something happened, not with which secret"
REPLACE = "read it from the connection or the environment, and replace it where it was issued"
NO_VERIFY = 'remove it; for a certificate of your own, pass verify="path/of/ca.pem"'
KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.mark.parametrize(
    "code, text, findings",
    [
        (
            "PY008",
            "import pandas as pd\n",
            ['1:8 error PY008 nothing in requirements.txt installs "pandas" -> add pandas to requirements.txt'],
        ),
        (
            "PY008",
            "import os\nfrom bs4.element import Tag\n",
            ['2:1 error PY008 nothing in requirements.txt installs "bs4" -> add beautifulsoup4 to requirements.txt'],
        ),
        (
            "PY009",
            "import requests\n\nrequests.get('https://a.io')\n",
            [f"3:1 error PY009 requests.get has no timeout -> {WAITS}"],
        ),
        (
            "PY009",
            "import requests as r\n\nr.post('https://a.io', timeout=None)\n",
            [f"3:1 error PY009 r.post has no timeout -> {WAITS}"],
        ),
        (
            "PY009",
            "from requests import get as fetch\n\nfetch('https://a.io')\n",
            [f"3:1 error PY009 fetch has no timeout -> {WAITS}"],
        ),
        (
            "PY009",
            "import requests\n\nhttp = requests.Session()\nhttp.get('https://a.io')\n",
            [f"4:1 error PY009 http.get has no timeout -> {WAITS}"],
        ),
        (
            "PY009",
            "from urllib.request import urlopen\n\nurlopen('https://a.io', None)\n",
            [f"3:1 error PY009 urlopen has no timeout -> {WAITS}"],
        ),
        (
            "PY010",
            "def f(request):\n    print(request.credentials)\n",
            [f"2:11 error PY010 request.credentials may hold credentials, and is written to the log -> {LEAVE_OUT}"],
        ),
        (
            "PY010",
            "def f(logger, api_key):\n    logger.info(f'ä {api_key}')\n",
            [f"2:22 error PY010 api_key may hold credentials, and is written to the log -> {LEAVE_OUT}"],
        ),
        (
            "PY010",
            "def f(log, data):\n    log.debug('%s', data['access_token'])\n",
            [f'2:21 error PY010 "access_token" may hold credentials, and is written to the log -> {LEAVE_OUT}'],
        ),
        (
            "PY010",
            "def f(data):\n    print('x {}'.format(data.get('password')))\n",
            [f"2:25 error PY010 data.get(…) may hold credentials, and is written to the log -> {LEAVE_OUT}"],
        ),
        (
            "PY010",
            "def f(request):\n    print(request.connection('crm'))\n",
            [f"2:11 error PY010 request.connection(…) may hold credentials, and is written to the log -> {LEAVE_OUT}"],
        ),
        (
            "PY010",
            "def f(request):\n    data = request.data or {}\n    print(f'got {data}')\n",
            [f"3:18 error PY010 data may hold credentials, and is written to the log -> {LEAVE_OUT}"],
        ),
        (
            "PY010",
            "def f():\n    print(Request(flask_request).data)\n",
            [f"2:11 error PY010 what was sent may hold credentials, and is written to the log -> {LEAVE_OUT}"],
        ),
        (
            "PY011",
            "API_KEY = 'a1b2c3d4e5f6'\n",
            [f'1:11 error PY011 "API_KEY" is a secret written in the code -> {REPLACE}'],
        ),
        ("PY011", f"x = call('{KEY}')\n", [f"1:10 error PY011 this is a secret written in the code -> {REPLACE}"]),
        (
            "PY011",
            "headers = {'Authorization': 'Bearer abcdefghij0123456789xyz'}\n",
            [f'1:29 error PY011 "Authorization" is a secret written in the code -> {REPLACE}'],
        ),
        (
            "PY012",
            "def f(session):\n    session.get('https://a.io', verify=False)\n",
            [f"2:33 error PY012 verify=False accepts every certificate -> {NO_VERIFY}"],
        ),
        (
            "PY012",
            "def f(session):\n    session.verify = False\n",
            [f"2:5 error PY012 verify = False accepts every certificate -> {NO_VERIFY}"],
        ),
        (
            "PY012",
            "import ssl\n\nMODE = ssl.CERT_NONE\n",
            [f"3:8 error PY012 ssl.CERT_NONE accepts every certificate -> {NO_VERIFY}"],
        ),
        (
            "PY013",
            "URL = 'http://api.example.com/v1'\n",
            ["1:7 warning PY013 http://api.example.com is not https -> write https://"],
        ),
    ],
)
def test_finds_what_is_wrong(tmp_path, code, text, findings):
    asks = form(*FORM["fields"], connections={"required": True, "app_types": ["hubspot"]})
    root = write(tmp_path, {CALLS: text, SCHEMA: asks})

    assert found(root, code) == [f"{CALLS}:{finding}" for finding in findings]


@pytest.mark.parametrize(
    "text",
    [
        "import os, requests, yaml, urllib3, flask.json, src.runtime\nfrom . import other\nfrom main import router\n",
        "try:\n    import orjson\nexcept ImportError:\n    orjson = None\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import pandas\n",
        "import requests\n\nrequests.get('https://a.io', timeout=5)\nrequests.get('https://a.io', **{})\n",
        "import httpx\n\nhttpx.get('https://a.io')\n".replace("httpx", "requests.adapters") + "",
        "def f(client, data):\n    client.get('x')\n    data.get('x')\n",
        "def f(log, api_key, token):\n    log.info('%s %s', bool(api_key), len(token))\n    print(bool(token))\n",
        "def f(request, log):\n    data = request.data\n    data = {'n': len(data)}\n    log.info(data)\n",
        "def f(page_token):\n    print(page_token)\n",
        "def f(total_tokens, max_tokens):\n    print(total_tokens, f'{max_tokens}')\n",
        "API_KEY = 'YOUR_API_KEY_1'\nTOKEN_URL = 'https://a.io/oauth2/token'\nPASSWORD = ''\n",
        "import os\n\nAPI_KEY = os.environ['API_KEY_2']\n",
        "FIELDS = {'token': 'access_token', 'secret': 'client_secret'}\n",
        '"""Ask http://example.com with sk-1234567890123456789012345678."""\n',
        "def f(session):\n    session.get('https://a.io', verify=True)\n    verify = False\n    return verify\n",
        "URLS = ['http://localhost:1', 'http://127.0.0.1/x', 'http://redis:6379']\n",
        "NAMES = ['http://www.w3.org/2001/XMLSchema', 'http://']\n",
    ],
)
def test_finds_nothing_where_nothing_is_wrong(tmp_path, text):
    root = write(tmp_path, {CALLS: text, "src/other.py": ""})

    assert found(root, "PY") == []


def test_tests_and_the_runtime_are_not_looked_at(tmp_path):
    bad = "import pandas, requests\n\nrequests.get('http://api.example.com', verify=False)\n"
    places = (
        "tests/test_a.py",
        "src/runtime/app.py",
        "src/modules/get_contacts/v1/tests/b.py",
        ".venv/lib/c.py",
        "conftest.py",
    )
    root = write(tmp_path, dict.fromkeys(places, bad))

    assert found(root, "PY") == []


@pytest.mark.parametrize(
    "requirements",
    [
        "pandas\nPyYAML\n",
        "pandas==2.0 ; python_version > '3'  # frames\npyyaml\n",
        "-r more.txt\n",
        "pandas @ https://example.com/pandas.zip\npyyaml\n",
        "git+https://example.com/x/pandas.git@main\npyyaml>=6 --hash=sha256:1\n",
        "-e git+https://example.com/x/y.git#egg=pandas\npyyaml\n",
    ],
)
def test_requirements_are_read_as_pip_does(tmp_path, requirements):
    root = write(
        tmp_path, {CALLS: "import pandas, yaml\n", "requirements.txt": requirements, "more.txt": "pandas\npyyaml\n"}
    )

    assert found(root, "PY008") == []


def test_without_requirements_nothing_is_said_about_imports(tmp_path):
    root = write(tmp_path, {CALLS: "import pandas\n", "requirements.txt": None})

    assert found(root, "PY008") == []


def test_files_beside_a_route_file_can_be_imported(tmp_path):
    beside = ROUTE.replace("route.py", "records.py")
    root = write(tmp_path, {ROUTE: f"import records\n{CODE}", beside: "RECORDS = ()\n"})

    assert found(root) == []
