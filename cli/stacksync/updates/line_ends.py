"""Line ends: a commit has one kind, and the files of a work tree may have the other."""


def same_but_for_line_ends(one: bytes, other: bytes) -> bool:
    """Tell whether two contents differ in nothing else."""
    return _plain(one) == _plain(other)


def fitted(content: bytes, present: bytes) -> bytes:
    """Return a content with the line ends that most lines of the present file have."""
    of_windows = present.count(b"\r\n")
    plain = _plain(content)
    return plain.replace(b"\n", b"\r\n") if of_windows > present.count(b"\n") - of_windows else plain


def _plain(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")
