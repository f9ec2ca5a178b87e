"""Where the documents of a description lie, and how they are fetched: its own folder, or the host of its URL."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit, urlunsplit

from stacksync.errors import StacksyncError
from stacksync.openapi.documents import MOST_BYTES, DocumentError, read_document
from stacksync.plain_files import read_plain

# For one document, whatever the server does.
LONGEST_FETCH = 60.0
MOST_REDIRECTS = 5
# The largest public description in many files has 3,000; nobody wants to wait for as many from a server.
MOST_DOCUMENTS, MOST_FETCHED = 5_000, 500
WEB = ("https://", "http://")


class PlaceError(StacksyncError):
    """A document cannot be had, or may not be asked for."""


@dataclass
class Places:
    """What may be read for one description, and what was.

    Args:
        origin: The URI of the description itself.
        allowed: Folders and hosts besides, as `--allow-ref` names them.
    """

    origin: str
    allowed: Sequence[str] = ()
    redirects: list[str] = field(default_factory=list)
    _bytes: int = 0
    _read: dict[str, Any] = field(default_factory=dict)

    def read(self, uri: str) -> Any:
        """Return the document at a URI.

        Raises:
            PlaceError: It may not be read from here, cannot be had, or is no document.
        """
        place = urldefrag(uri).url
        if place not in self._read:
            self._read[place] = self._document(place)
        return self._read[place]

    def _document(self, place: str) -> Any:
        most = MOST_FETCHED if place.startswith(WEB) else MOST_DOCUMENTS
        if len(self._read) >= most:
            raise PlaceError(f"{shown(self.origin)} refers to more than {most} documents.")
        content = self._fetch(place) if place.startswith(WEB) else self._open(place)
        self._bytes += len(content)
        if self._bytes > 2 * MOST_BYTES:
            raise PlaceError(f"{shown(self.origin)} and what it refers to are larger than {2 * MOST_BYTES >> 20} MB.")
        try:
            return read_document(content)
        except DocumentError as error:
            raise PlaceError(
                f"{shown(place)}:{error}." if str(error)[:1].isdigit() else f"{shown(place)} is {error}."
            ) from None

    def _open(self, uri: str) -> bytes:
        file = path_of(uri)
        if not self._may_open(file):
            tip = f"--allow-ref {file.parent}"
            raise PlaceError(f"{shown(uri)} is not in the folder of the description, and is not read.", tip)
        try:
            if file.stat().st_size > MOST_BYTES:
                raise PlaceError(f"{shown(uri)} is larger than {MOST_BYTES >> 20} MB.")
            return read_plain(file)
        except OSError as error:
            raise PlaceError(f"{shown(uri)} cannot be read: {error.strerror or error}.") from None

    def _may_open(self, file: Path) -> bool:
        """Say whether a file may be read: where it really is counts, not the link to it."""
        if self.origin.startswith(WEB):
            return False

        own = path_of(self.origin)
        folders = [own.parent, *(Path(each) for each in self.allowed if not each.startswith(WEB))]
        real = file.resolve()
        return real == own.resolve() or any(real.is_relative_to(folder.resolve()) for folder in folders)

    def _fetch(self, url: str) -> bytes:
        import requests  # takes a fifth of a second to load

        asked, ends = url, time.monotonic() + LONGEST_FETCH
        for _ in range(MOST_REDIRECTS):
            self._refuse_host(asked)
            try:
                with requests.get(asked, timeout=20, stream=True, allow_redirects=False) as answer:
                    if not answer.is_redirect:
                        return _body(answer, asked, ends)
                    following = requests.compat.urljoin(asked, answer.headers["location"])
            except requests.RequestException as fault:
                raise PlaceError(f"{shown(asked)} cannot be fetched: {_reason(fault)}.") from None
            self.redirects.append(f"{shown(asked)} leads to {shown(following)}")
            asked = following

        raise PlaceError(f"{shown(url)} leads from one address to the next without an end.")

    def _refuse_host(self, url: str) -> None:
        own = [urlsplit(each) for each in (self.origin, *self.allowed) if each.startswith(WEB)]
        hosts = [*((each.scheme, each.netloc.rpartition("@")[2]) for each in own)]
        parts = urlsplit(url)
        here = (parts.scheme, parts.netloc.rpartition("@")[2])
        if here in hosts or (here[0] == "https" and ("http", here[1]) in hosts):
            return

        tip = f"--allow-ref {parts.scheme}://{here[1]}, or download the description and import the file"
        raise PlaceError(f"{shown(url)} is on another host than {shown(self.origin)}, and is not fetched.", tip)


def _body(answer: Any, url: str, ends: float) -> bytes:
    if answer.status_code != 200:
        raise PlaceError(f"{shown(url)} answered {answer.status_code}.")
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_content(65536):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise PlaceError(f"{shown(url)} is larger than {MOST_BYTES >> 20} MB.")
        if time.monotonic() > ends:
            raise PlaceError(f"{shown(url)} took longer than {LONGEST_FETCH:.0f} seconds.")

    return b"".join(parts)


def _reason(fault: Exception) -> str:
    """Say what kind of fault it is; the library's own text quotes the address, with what is secret in it."""
    words = {"SSLError": "its certificate is not valid", "ConnectTimeout": "it did not answer in time"}
    words |= {"ReadTimeout": "it did not answer in time", "ConnectionError": "there is no connection"}
    return words.get(type(fault).__name__, "the address is not valid")


def uri_of(given: str) -> str:
    """Return the URI of what a user named: a file's path or a URL."""
    return given if given.startswith(WEB) else Path(given).absolute().as_uri()


def path_of(uri: str) -> Path:
    """Return the file that a `file:` URI names."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc:
        raise PlaceError(f"{shown(uri)} is neither a file nor on the web.")

    return Path(unquote(parts.path))


def shown(uri: str) -> str:
    """Return an address as it may be shown and recorded: without user, query and fragment, which may hold tokens."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return "an address that is not valid"
    if parts.scheme == "file":
        return unquote(parts.path)

    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
