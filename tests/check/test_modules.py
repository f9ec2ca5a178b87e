"""Rules about folders of modules and module_config.yaml."""

import pytest

from tests.check.sample import CODE, CONFIG, CONNECTOR, MODULE_CONFIG, ROUTE, SCHEMA, V1, found, write

MODULES = "src/modules"


def moved(to: str) -> dict[str, str | None]:
    """Return the connector's only module at another place."""
    files: dict[str, str | None] = {f"{MODULES}/{to}/{name}": CONNECTOR[f"{V1}/{name}"] for name in FILES}
    return files | {f"{V1}/{name}": None for name in FILES}


FILES = ("route.py", "schema.json", "module_config.yaml")


@pytest.mark.parametrize(
    "code, files, findings",
    [
        (
            "MOD001",
            moved("crm/get_contacts/v1"),
            [
                (
                    f"{MODULES}/crm/get_contacts/v1/route.py:1:1 error MOD001 the module lies too deep to be found -> "
                    "move it to src/modules/get_contacts/v1"
                )
            ],
        ),
        (
            "MOD001",
            moved("get_contacts"),
            [
                (
                    f"{MODULES}/get_contacts/route.py:1:1 error MOD001 the module lies too high to be found -> "
                    "move it to src/modules/get_contacts/v1"
                )
            ],
        ),
        (
            "MOD001",
            {f"{MODULES}/route.py": CODE},
            [
                (
                    f"{MODULES}/route.py:1:1 error MOD001 the module lies too high to be found -> "
                    "move it to src/modules/my_module/v1"
                )
            ],
        ),
        (
            "MOD002",
            moved("get_contacts/V1"),
            [f'{MODULES}/get_contacts/V1/route.py:1:1 error MOD002 "V1" is not a version -> call it v1'],
        ),
        (
            "MOD002",
            moved("get_contacts/v1.1"),
            [f'{MODULES}/get_contacts/v1.1/route.py:1:1 error MOD002 "v1.1" is not a version -> call it v1'],
        ),
        (
            "MOD002",
            moved("get_contacts/version 2"),
            [f'{MODULES}/get_contacts/version 2/route.py:1:1 error MOD002 "version 2" is not a version -> call it v2'],
        ),
        (
            "MOD003",
            moved("Get Posts/v1"),
            [
                (
                    f'{MODULES}/Get Posts/v1/route.py:1:1 warning MOD003 "Get Posts" is no module name -> '
                    "call the folder get_posts; workflows that use the module call its URL, which changes with it"
                )
            ],
        ),
        (
            "MOD003",
            moved("FirecrawlCrawl/v1"),
            [
                (
                    f'{MODULES}/FirecrawlCrawl/v1/route.py:1:1 warning MOD003 "FirecrawlCrawl" is no module name -> '
                    "call the folder firecrawl_crawl; workflows that use the module call its URL, which changes with it"
                )
            ],
        ),
        (
            "MOD004",
            moved("get posts/v1") | {f"{MODULES}/get_posts/v1/route.py": CODE},
            [
                (
                    f"{MODULES}/get posts/v1/route.py:1:1 error MOD004 /get_posts/v1 is the URL of "
                    "src/modules/get_posts/v1 too -> rename or remove one of them"
                ),
                (
                    f"{MODULES}/get_posts/v1/route.py:1:1 error MOD004 /get_posts/v1 is the URL of "
                    "src/modules/get posts/v1 too -> rename or remove one of them"
                ),
            ],
        ),
        (
            "MOD005",
            {
                f"{MODULES}/people/v1/route.py": CODE,
                f"{MODULES}/people/v1/module_config.yaml": f"{MODULE_CONFIG}  module_type: get_contacts\n",
            },
            [
                (
                    f"{MODULES}/people/v1/module_config.yaml:4:16 error MOD005 src/modules/get_contacts/v1 is "
                    "get_contacts 1 too -> give it a module_type or module_version of its own"
                )
            ],
        ),
        (
            "MOD015",
            {
                f"{MODULES}/people/v1/route.py": CODE,
                f"{MODULES}/people/v1/module_config.yaml": MODULE_CONFIG.replace("Get contacts", '"get  Contacts"'),
                f"{MODULES}/people/v2/route.py": CODE,
                f"{MODULES}/people/v2/module_config.yaml": MODULE_CONFIG,
                f"{V1.removesuffix('1')}2/route.py": CODE,
                f"{V1.removesuffix('1')}2/module_config.yaml": MODULE_CONFIG,
            },
            [
                (
                    f"{MODULES}/people/v1/module_config.yaml:2:16 warning MOD015 src/modules/get_contacts/v1 is called "
                    '"get  Contacts" too -> give it a module_name of its own'
                )
            ],
        ),
        (
            "MOD015",
            {f"{MODULES}/Get_contacts/v1/route.py": CODE, CONFIG: None},
            [
                (
                    f'{ROUTE}:1:1 warning MOD015 src/modules/Get_contacts/v1 is called "Get Contacts" too '
                    "-> give it a module_name of its own"
                )
            ],
        ),
        (
            "MOD006",
            {ROUTE: None},
            [f"{SCHEMA}:1:1 error MOD006 there is no route.py in {V1} -> write one, or remove the folder"],
        ),
        (
            "MOD007",
            {SCHEMA: None},
            [f"{ROUTE}:1:1 warning MOD007 there is no schema.json in {V1} -> describe the form in one"],
        ),
        (
            "MOD008",
            {CONFIG: None},
            [
                (
                    f"{ROUTE}:1:1 warning MOD008 there is no module_config.yaml in {V1} -> "
                    "write one with module_settings: module_name and module_description"
                )
            ],
        ),
        (
            "MOD009",
            {CONFIG: "module_settings:\n  module_name: 'Get\n"},
            [
                f"{CONFIG}:3:1 error MOD009 the file is not YAML: found unexpected end of stream -> correct it",
            ],
        ),
        (
            "MOD009",
            {CONFIG: "module_name: Get\n"},
            [
                (
                    f"{CONFIG}:1:1 error MOD009 there is no section module_settings -> "
                    "write one; other sections are not read"
                ),
            ],
        ),
        (
            "MOD010",
            {CONFIG: f"{MODULE_CONFIG}  module_desciption: x\n"},
            [
                (
                    f'{CONFIG}:4:3 warning MOD010 "module_desciption" is not a key of the file -> '
                    'write "module_description"'
                ),
            ],
        ),
        (
            "MOD010",
            {CONFIG: f"{MODULE_CONFIG}  module_name: x\n"},
            [f'{CONFIG}:4:3 warning MOD010 "module_name" stands here a second time -> keep one of them'],
        ),
        (
            "MOD011",
            {CONFIG: f"{MODULE_CONFIG}  validate_input: off course\n"},
            [
                (
                    f'{CONFIG}:4:19 error MOD011 "validate_input" must be true, false or "dynamic", '
                    'not "off course" -> '
                    "What `request.data` is checked against before the handler runs: true is schema.json, "
                    "dynamic the form that the schema handler answers for this data and connection, false is nothing."
                )
            ],
        ),
        (
            "MOD012",
            {CONFIG: f"{MODULE_CONFIG}  module_version: 2.1.0\n"},
            [f'{CONFIG}:4:19 warning MOD012 module_version is "2.1.0" in v1 -> write "1"'],
        ),
        (
            "MOD013",
            {CONFIG: MODULE_CONFIG.replace("Reads contacts.", "TO BE CHANGED")},
            [f'{CONFIG}:3:23 warning MOD013 "TO BE CHANGED" is left over -> write what it should say'],
        ),
    ],
)
def test_finds_what_is_wrong(tmp_path, code, files, findings):
    root = write(tmp_path, files)

    assert found(root, code) == findings


@pytest.mark.parametrize(
    "files",
    [
        {f"{V1}/helpers/route_map.py": "", f"{V1}/tests/route.py": "", f"{V1}/examples/module_config.yaml": ""},
        {f"{MODULES}/.draft/v1/route.py": "broken("},
        {f"{MODULES}/shared/names.py": "NAMES = []\n"},
        {f"{MODULES}/get_contacts/docs/notes.py": "NAMES = []\n"},
        {CONFIG: f"{MODULE_CONFIG}  module_version: 1\n"},
        {CONFIG: f"{MODULE_CONFIG}  module_version: v1.2\n"},
        {CONFIG: f"# TO BE CHANGED: nothing\n{MODULE_CONFIG}"},
        {
            f"{MODULES}/get_contacts/v2/{name}": text
            for name, text in {
                "route.py": CODE,
                "schema.json": CONNECTOR[SCHEMA],
                "module_config.yaml": MODULE_CONFIG,
            }.items()
        },
        {SCHEMA: None, ROUTE: CODE + "\n\n@module.schema\ndef schema(request):\n    return {}\n"},
    ],
)
def test_finds_nothing_where_nothing_is_wrong(tmp_path, files):
    root = write(tmp_path, files)

    assert found(root) == []


def test_modules_of_another_directory_are_found(tmp_path):
    files = {name.replace("src/modules", "src/routes"): text for name, text in CONNECTOR.items()}
    files |= {"app_config.yaml": CONNECTOR["app_config.yaml"].replace("src/modules", "src/routes")}
    root = write(tmp_path, {"src/routes/Get Posts/v1/route.py": CODE}, files)

    assert [line.partition(" -> ")[0] for line in found(root, "MOD")] == [
        'src/routes/Get Posts/v1/route.py:1:1 warning MOD003 "Get Posts" is no module name',
        "src/routes/Get Posts/v1/route.py:1:1 warning MOD007 there is no schema.json in src/routes/Get Posts/v1",
        "src/routes/Get Posts/v1/route.py:1:1 warning MOD008 there is no module_config.yaml in src/routes/Get Posts/v1",
    ]
