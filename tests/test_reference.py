"""The reference of the commands is what their help says."""

from documentation.reference import generate
from stacksync.reports import rules_page


def test_the_reference_is_current() -> None:
    said = generate.FILE.read_text("utf-8")

    assert said == generate.reference(), "run: python documentation/reference/generate.py"


def test_the_rules_are_current() -> None:
    said = generate.RULES.read_text("utf-8")

    assert said == rules_page.page(), "run: python documentation/reference/generate.py"
