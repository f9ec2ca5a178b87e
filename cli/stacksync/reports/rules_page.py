"""What there is to say about the rules themselves: `--explain`, and the page in the documentation."""

from stacksync.comparison.severities import RULES as DIFFERENCES
from stacksync.comparison.severities import SAID
from stacksync.inspection.selection import unknown_code
from stacksync.rules import GROUPS, RULES
from stacksync.rules.rule import CheckRule

_HEAD = """\
# Rules of `stacksync check` and `stacksync diff`

Written by `python documentation/reference/generate.py` from the rules in `cli/stacksync/rules/` and
`cli/stacksync/comparison/severities.py`; a test fails when it is out of date.

Each rule has a code for `--select` and `--ignore`; a prefix selects all its codes. A comment switches rules off for its
line, `# stacksync: ignore[PY009]`, or for its file, `# stacksync: ignore-file[PY009]`. JSON has no comments: use
`pyproject.toml` there, and for the whole connector.

```toml
[tool.stacksync.check]
ignore = ["SCH008"]
per-file-ignores = {"src/modules/old/*" = ["SCH", "PY009"]}
```

An error fails the check, a warning does with `--strict`, a note never does: it names what works, but not for everybody.
In modules of the first SDK's style, the rules of the platform's present guides are notes.

`--fix` fixes what is marked so, where that cannot change what the form means. What is marked "by name" changes how
workflows that exist run: it is fixed only when the rule is named, `--fix --select SCH022`.
"""


_DIFFERENCES = """\
## Differences

What `stacksync diff` says of two forms. The first rule that is about a difference rates it; *breaking* exits with 1.
`pyproject.toml` may set other severities, `breaking`, `look` or `fine`:

```toml
[tool.stacksync.diff.severity]
DIF020 = "fine"
```

| code | | what differs | what comes of it |
|---|---|---|---|
"""


def explanation(code: str) -> str:
    """Return what a rule is about.

    Raises:
        UsageError: There is no such rule.
    """
    rule = next((rule for rule in RULES if rule.code == code.strip().upper()), None)
    if rule is None:
        raise unknown_code(code, "--explain")

    return f"{rule.code} ({rule.severity}): {rule.title}.\n\n{rule.why}{_fix(rule)}"


def _fix(rule: CheckRule) -> str:
    if rule.alters:
        return f"\n\n--fix --select {rule.code} fixes it; that changes how workflows that exist run."

    return "\n\n--fix fixes it where the meaning stays the same." if rule.fixable else ""


def page() -> str:
    """Return the page that lists every rule."""
    return "\n".join([_HEAD, *(_group(prefix, title) for prefix, title in GROUPS.items()), _differences()])


def _differences() -> str:
    rows = (
        f"| {each.code} | {SAID[each.severity]} | {_cell(each.title)} | {_cell(each.why)} |" for each in DIFFERENCES
    )
    return _DIFFERENCES + "".join(f"{row}\n" for row in rows)


def _group(prefix: str, title: str) -> str:
    rows = [_row(rule) for rule in RULES if rule.code.startswith(prefix)]
    head = [f"## {title}", "", "| code | | what is wrong | what comes of it |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _row(rule: CheckRule) -> str:
    by_name = " by name" if rule.alters else ""
    severity = f"{rule.severity}, `--fix`{by_name}" if rule.fixable else rule.severity
    return f"| {rule.code} | {severity} | {_cell(rule.title)} | {_cell(rule.why)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
