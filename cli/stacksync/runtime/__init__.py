"""What the command uses of the runtime: `src.runtime.tooling`, and in `forms` what `src.runtime.forms` exports.

This is the only way from the command to the runtime's source. The stubs beside these files say the same to type
checkers and editors, which follow them into the source.
"""

from stacksync.runtime.source import exported

globals().update(exported("tooling"))
