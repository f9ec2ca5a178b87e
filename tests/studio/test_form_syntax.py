"""The state of code fields."""

import pytest

from stacksync.studio.form.controls import syntax


@pytest.mark.parametrize(
    "language, text, state, said",
    [
        ("json", '{"a": 1}', "ok", "json: can be read"),
        ("json", '{"a": }', "wrong", "json: Expecting value (line 1, column 7)"),
        ("json", " \n", "empty", "json: empty"),
        ("python", 'x = "\\d"', "ok", "python: can be read"),
        ("python", "x =\ny", "wrong", "python: invalid syntax (line 1, column 4)"),
        ("python", "\0", "wrong", "python: "),
        ("yaml", "a: [1, 2]", "ok", "yaml: can be read"),
        ("yaml", "a: [1, 2", "wrong", "yaml: "),
        ("yaml", "a: \0", "wrong", "yaml: "),
        ("xml", "<a><b/></a>", "ok", "xml: can be read"),
        ("xml", "<a>\n<b></a>", "wrong", "xml: mismatched tag (line 2, column 6)"),
        ("xml", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "wrong", "xml: declares entities, which are not read here"),
        ("sql", "select", "unchecked", "sql: not checked"),
        ("html", "<p>", "unchecked", "html: not checked"),
        ("json", "[" * 100_000, "wrong", "json: nested deeper than 200 levels"),
        ("python", "x" * 300_000, "unchecked", "python: too long to be checked"),
    ],
)
def test_it_is_checked_as_far_as_python_can(language, text, state, said):
    found = syntax(language, text)
    assert found.state == state
    assert found.message.startswith(said)
