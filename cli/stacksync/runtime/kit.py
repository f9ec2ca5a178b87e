"""What `src.runtime.compat.kit` exports: how projects of the platform's present kit are laid out."""

from stacksync.runtime.source import exported

globals().update(exported("compat.kit"))
