"""Forms, as the runtime reads, applies and checks them."""

from stacksync.runtime.source import exported

globals().update(exported("forms"))
