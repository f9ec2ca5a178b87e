"""The one kind of error that reaches the user as a message."""


class StacksyncError(Exception):
    """Something the user can put right.

    Args:
        message: What is wrong and where, one line.
        tip: What to do about it, one line.
        exit_code: 1 when the project or its files are at fault, 2 when the command line is.
    """

    def __init__(self, message: str, tip: str = "", exit_code: int = 1) -> None:
        super().__init__(message)
        self.tip = tip
        self.exit_code = exit_code


class UsageError(StacksyncError):
    """The command line asks for what cannot be done."""

    def __init__(self, message: str, tip: str = "") -> None:
        super().__init__(message, tip, exit_code=2)
