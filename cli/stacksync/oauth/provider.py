"""What `src/api_client.py` declares of a login, read from its text: nothing of the connector is run for it.

The names stand at the top level, as constants: AUTHORIZE_URL, TOKEN_URL, SCOPES, CLIENT_AUTH, REDIRECT_URL and
AUTHORIZE_PARAMETERS.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from stacksync.errors import StacksyncError
from stacksync.inspection.syntax import parse
from stacksync.plain_files import read_plain_text

FILE = "src/api_client.py"
REDIRECT = "http://localhost:8765/callback"
BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"  # RFC 7591, section 2
THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_NEEDED = ("AUTHORIZE_URL", "TOKEN_URL")


@dataclass(frozen=True)
class Provider:
    """Who logs users in, and what is asked of it.

    Args:
        authorize_url: Where users log in and consent.
        token_url: Where a code or a refresh token becomes an access token.
        scopes: What is asked for.
        client_auth: How the client shows who it is.
        redirect_url: Where the provider sends users back to; registered there.
        parameters: What the provider wants to be asked with besides.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    client_auth: str = BASIC
    redirect_url: str = REDIRECT
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Where users log in, as messages name it."""
        return urlsplit(self.authorize_url).netloc

    @property
    def token_host(self) -> str:
        """Where the client's secret goes."""
        return urlsplit(self.token_url).netloc


def declares_login(root: Path) -> bool:
    """Say whether a connector declares where its users log in."""
    try:
        return "AUTHORIZE_URL" in _constants(read_plain_text(root / FILE))
    except (OSError, UnicodeDecodeError):
        return False


def read_provider(root: Path) -> Provider:
    """Return what a connector declares.

    Raises:
        StacksyncError: It declares no login, or one that cannot be used.
    """
    constants = _constants(_text(root))
    for name in _NEEDED:
        if name not in constants:
            tip = f"declare {' and '.join(_NEEDED)}, as documentation/connections.md says"
            raise StacksyncError(f"{FILE} has no {name}, so nobody can log in.", tip)

    found = {name: _checked(name, constants[name]) for name in _CHECKS if name in constants}
    return Provider(
        authorize_url=found["AUTHORIZE_URL"],
        token_url=found["TOKEN_URL"],
        scopes=tuple(found.get("SCOPES", ())),
        client_auth=found.get("CLIENT_AUTH", BASIC),
        redirect_url=found.get("REDIRECT_URL", REDIRECT),
        parameters=found.get("AUTHORIZE_PARAMETERS", {}),
    )


def _text(root: Path) -> str:
    try:
        text = read_plain_text(root / FILE)
    except FileNotFoundError:
        raise StacksyncError(f"There is no {FILE}, which would say where users log in.") from None
    except (OSError, UnicodeDecodeError):
        raise StacksyncError(f"{FILE} cannot be read as text in UTF-8.") from None
    syntax = parse(text)
    if syntax.error:
        raise StacksyncError(f"{FILE}:{syntax.place[0]}: does not parse: {syntax.error}.")

    return text


@dataclass(frozen=True)
class _Constant:
    """What a name of the file stands for; `problem` says why that cannot be told."""

    line: int
    value: Any = None
    problem: str = ""

    def refused(self, name: str, fault: str, tip: str = "") -> StacksyncError:
        return StacksyncError(f"{FILE}:{self.line}: {name} {fault}.", tip)


def _constants(text: str) -> dict[str, _Constant]:
    found: dict[str, _Constant] = {}
    for name, node in _assigned(parse(text).tree):
        found[name] = _constant(node, found)
    return found


def _constant(node: ast.expr, known: Mapping[str, _Constant]) -> _Constant:
    try:
        return _Constant(node.lineno, _value(node, known))
    except ValueError:
        return _Constant(node.lineno, problem="is no constant: what is here is read, not run")


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and value is not None:
            yield from ((each.id, value) for each in targets if isinstance(each, ast.Name))


def _value(node: ast.expr | None, known: Mapping[str, _Constant]) -> Any:
    """Return what an expression stands for: a literal, or one made of constants above it.

    Raises:
        ValueError: That cannot be told without running it.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in known and not known[node.id].problem:
        return known[node.id].value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each, known) for each in node.elts]
    if isinstance(node, ast.Dict):
        return {_value(key, known): _value(each, known) for key, each in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.JoinedStr):
        return "".join(str(_value(each, known)) for each in node.values)
    if isinstance(node, ast.FormattedValue) and node.format_spec is None:
        return _value(node.value, known)

    raise ValueError


def _checked(name: str, constant: _Constant) -> Any:
    if constant.problem:
        raise constant.refused(name, constant.problem)

    _CHECKS[name](name, constant)
    return constant.value


def _check_address(name: str, constant: _Constant) -> None:
    address = split(constant.value)
    if address is None or not address.hostname:
        raise constant.refused(name, "is no address", f'such as {name} = "https://auth.example.org/oauth"')
    if address.hostname.endswith("example.com"):
        raise constant.refused(name, "is still the example", "take it from the API's documentation")
    if address.scheme != "https" and address.hostname not in THIS_MACHINE:
        raise constant.refused(name, "must begin with https: what is sent there is secret")
    if address.fragment:
        raise constant.refused(name, "has a fragment, which no server ever sees")


def split(address: Any) -> SplitResult | None:
    """Return the parts of an http address; None for anything else."""
    try:
        found = urlsplit(address) if isinstance(address, str) else None
        return found if found and found.scheme in ("http", "https") and found.port != -1 else None
    except ValueError:
        return None


def _check_redirect(name: str, constant: _Constant) -> None:
    if split(constant.value) is None:
        raise constant.refused(name, "is no address", f'such as {name} = "{REDIRECT}"')


def _check_scopes(name: str, constant: _Constant) -> None:
    if not (isinstance(constant.value, list) and all(isinstance(each, str) for each in constant.value)):
        raise constant.refused(name, "is no list of texts", f'such as {name} = ["contacts.read"]')


def _check_client_auth(name: str, constant: _Constant) -> None:
    if constant.value not in (BASIC, POST, NONE):
        raise constant.refused(name, f"is none of {BASIC}, {POST} and {NONE}")


def _check_parameters(name: str, constant: _Constant) -> None:
    value = constant.value
    texts = [*value, *value.values()] if isinstance(value, dict) else [None]
    if not all(isinstance(each, str) for each in texts):
        raise constant.refused(name, "is no dict of texts", f'such as {name} = {{"access_type": "offline"}}')


_CHECKS = {
    "AUTHORIZE_URL": _check_address,
    "TOKEN_URL": _check_address,
    "SCOPES": _check_scopes,
    "CLIENT_AUTH": _check_client_auth,
    "REDIRECT_URL": _check_redirect,
    "AUTHORIZE_PARAMETERS": _check_parameters,
}
