"""Lists that an API gives in pages: `paginate(api, "contacts", CursorPages("results"), limit=500)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from requests import Response

from .faults import ApiError, api_error
from .session import Session

# Some APIs filter after they cut pages, so that pages without an item come between others.
MOST_EMPTY_PAGES = 50


def paginate(
    api: Session, path: str, pages: Pages, *, limit: int, params: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """Return the items of a list, one after the other; a page is asked for when the one before is used up.

    Args:
        api: The session for the API.
        path: Where the list is.
        pages: How its pages follow each other: CursorPages, NumberedPages, OffsetPages or LinkPages.
        limit: How many items to return at most.
        params: What else is asked for, as filters are.

    Raises:
        ApiError: The API refused a page, or its pages have no end (502).
    """
    asked: Step = (path, {**(params or {}), **pages.first(limit)})
    seen: set[str] = set()
    before: list[Any] = []
    taken = empty = 0
    while taken < limit:
        seen.add(repr(asked))
        answer = api.post(asked[0], json=asked[1]) if pages.in_body else api.get(asked[0], params=asked[1])
        body = answer.json()
        items = _items(answer, body, pages.items)
        yield from items[: limit - taken]
        taken, empty = taken + len(items), 0 if items else empty + 1
        following = pages.following(body, answer, items, asked)
        if following is None or (repr(following) in seen and not items):
            return
        if repr(following) in seen or empty > MOST_EMPTY_PAGES or (items and items == before):
            raise _fault(answer, "gave the same page twice, or pages without an end")
        asked, before = following, items


# What is asked for: an address and its parameters.
Step = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Pages:
    """How the pages of a list follow each other.

    Args:
        items: Where an answer holds its items: names divided by dots, as in `data.contacts`; "" where it is a list.
        more: Where it says whether there are more: `has_more`. Without, the list goes on until its pages end.
        in_body: Whether parameters are sent as the JSON of a POST, as searches want it.
    """

    items: str = ""
    more: str = ""
    in_body: bool = False

    def first(self, limit: int) -> dict[str, Any]:
        """Return the parameters of the first page."""
        return {}

    def following(self, body: Any, answer: Response, items: list[Any], asked: Step) -> Step | None:
        """Return what to ask for next; None where this was the last page."""
        if self.more and find(body, self.more) in (None, False, 0, "", "false"):
            return None
        return self.after(body, answer, items, asked)

    def after(self, body: Any, answer: Response, items: list[Any], asked: Step) -> Step | None:
        """Return what to ask for after a page that is not known to be the last."""
        raise NotImplementedError


@dataclass(frozen=True)
class CursorPages(Pages):
    """Each answer names the cursor of the next page.

    Args:
        cursor: Where it is in an answer, such as `paging.next.after`; `data.-1.id` is the id of the last item.
        parameter: What it is sent as.
    """

    cursor: str = "next_cursor"
    parameter: str = "cursor"

    def after(self, body: Any, answer: Response, items: list[Any], asked: Step) -> Step | None:
        """Ask with the cursor, if there is one."""
        cursor = find(body, self.cursor)
        return None if cursor in (None, "", False) else (asked[0], {**asked[1], self.parameter: cursor})


@dataclass(frozen=True)
class NumberedPages(Pages):
    """Pages have numbers, from `start` on. A short page need not be the last: some APIs give fewer than asked for."""

    parameter: str = "page"
    size_parameter: str = "per_page"
    size: int = 100
    start: int = 1

    def first(self, limit: int) -> dict[str, Any]:
        """Ask for the first page."""
        return {self.parameter: self.start, self.size_parameter: min(self.size, limit)}

    def after(self, body: Any, answer: Response, items: list[Any], asked: Step) -> Step | None:
        """Ask for the next number."""
        return (asked[0], {**asked[1], self.parameter: asked[1][self.parameter] + 1}) if items else None


@dataclass(frozen=True)
class OffsetPages(Pages):
    """Pages begin at an offset, the number of items before them."""

    parameter: str = "offset"
    size_parameter: str = "limit"
    size: int = 100

    def first(self, limit: int) -> dict[str, Any]:
        """Ask for the first page."""
        return {self.parameter: 0, self.size_parameter: min(self.size, limit)}

    def after(self, body: Any, answer: Response, items: list[Any], asked: Step) -> Step | None:
        """Ask for what comes behind the items so far; an API may give fewer at once than it was asked for."""
        return (asked[0], {**asked[1], self.parameter: asked[1][self.parameter] + len(items)}) if items else None


@dataclass(frozen=True)
class LinkPages(Pages):
    """Each answer links to the next page: in its header `Link` (RFC 8288), or in its body at `link`."""

    link: str = ""

    def after(self, body: Any, answer: Response, items: list[Any], asked: Step) -> Step | None:
        """Follow the link, if there is one; it is a whole address, or one relative to this page's."""
        link = find(body, self.link) if self.link else answer.links.get("next", {}).get("url")
        if not isinstance(link, str) or not link:
            return None

        here, there = urlsplit(str(answer.url)), urlsplit(urljoin(str(answer.url), link))
        # An API behind a proxy often writes http, though it is called over https.
        is_same = there.hostname == here.hostname and there.port is None
        return (there._replace(scheme=here.scheme) if is_same else there).geturl(), {}


def find(value: Any, path: str) -> Any:
    """Return what is at `path` in an answer, such as `data.items` or `data.-1.id`; None where there is nothing."""
    if not path:
        return value
    # A name may have dots of its own, as `@odata.nextLink` has.
    if isinstance(value, Mapping) and path in value:
        return value[path]

    name, _, rest = path.partition(".")
    try:
        return find(value[int(name)] if isinstance(value, list) else value[name], rest)
    except (LookupError, TypeError, ValueError):
        return None


def _items(answer: Response, body: Any, path: str) -> list[Any]:
    items = find(body, path)
    if isinstance(items, list):
        return items
    # Google's APIs leave out a list that is empty.
    if items is None and isinstance(body, Mapping):
        return []

    raise _fault(answer, f"answered without a list in {path}" if path else "answered without a list")


def _fault(answer: Response, what: str) -> ApiError:
    error = api_error(answer.request, what)
    return error.tell(str(error.error), status=answer.status_code)
