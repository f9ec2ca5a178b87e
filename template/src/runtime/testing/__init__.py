"""A pytest plugin: call the modules of this connector as the platform does, without a server and without an account.

    def test_greets(module):                    # in src/modules/<module>/<version>/tests/
        reply = module.execute({"name": "Ada"})
        assert reply.json == {"data": {"greeting": "Hello Ada"}}

Fixtures: `connector` reaches every module by name, `module` is the one that the test file belongs to, `version` is
each version found in turn, `example` is each file of their `examples/`, `stand_in` is the API on this machine that
`tests/stand_in.py` declares. `@pytest.mark.cassette` records the calls of a test, or plays them back. Nothing here
needs pytest but the fixtures, so that `stacksync dev` and `invoke` work without it.
"""

from .clients import ConnectorClient, ModuleClient
from .collections import Collection
from .examples import Example, difference, read_example, ready_example
from .stand_in import Call, StandIn

# pytest reads this here, because conftest.py names this package as a plugin.
pytest_plugins = ["src.runtime.testing.fixtures"]

__all__ = [
    "Call",
    "Collection",
    "ConnectorClient",
    "Example",
    "ModuleClient",
    "StandIn",
    "difference",
    "read_example",
    "ready_example",
]
