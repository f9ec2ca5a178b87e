"""Give every test of this connector the fixtures of `src/runtime/testing.py`."""

pytest_plugins = ["src.runtime.testing"]
