"""The runtime's own code for reading a connector and its forms, imported from the template: it is written once.

`from stacksync.runtime import discovery, forms` works without Flask, which the runtime as a whole needs: its
`__init__.py` is not run.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from src.runtime import config, discovery, forms, yaml_file

__all__ = ["config", "discovery", "forms", "yaml_file"]

_PACKAGE = Path(__file__).parent
_TEMPLATES = [_PACKAGE / "_template" / "template", _PACKAGE.parents[1] / "template"]  # installed, or a checkout

TEMPLATE = next(folder for folder in _TEMPLATES if folder.is_dir())

# Makes this file a package whose modules are the runtime's.
__path__ = [str(TEMPLATE / "src" / "runtime")]

# What the runtime would log of a connector is reported by the commands, in their words.
logging.getLogger("stacksync").addHandler(logging.NullHandler())
