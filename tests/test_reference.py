"""The reference of the commands is what their help says."""

from documentation.reference import generate


def test_the_reference_is_current() -> None:
    said = generate.FILE.read_text("utf-8")

    assert said == generate.reference(), "run: python documentation/reference/generate.py"
