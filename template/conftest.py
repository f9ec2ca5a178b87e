"""Give every test of this connector the fixtures of `src/runtime/fixtures.py`."""

pytest_plugins = ["src.runtime.testing"]
