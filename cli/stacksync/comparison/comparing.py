"""What `stacksync diff` compares: two versions of a module, or a connector with a commit."""

from collections.abc import Sequence
from dataclasses import dataclass

from stacksync.comparison.connectors import (
    Former,
    Key,
    Sides,
    compare_connectors,
    former,
    forms_of,
    links_of,
)
from stacksync.comparison.settings import read_severities
from stacksync.comparison.versions import Comparison, FormOf, compare
from stacksync.connector import Connector
from stacksync.errors import UsageError
from stacksync.modules.copying import module_names, named, versions_of


@dataclass(frozen=True)
class Compared:
    """What came of it.

    Args:
        found: What was compared.
        notes: What was not, as far as it belongs to no version.
    """

    found: list[Comparison]
    notes: tuple[str, ...] = ()

    @property
    def is_breaking(self) -> bool:
        """Whether a stored workflow may fail, or a form of the connector itself could not be compared."""
        return any(each.count("breaking") or each.problems for each in self.found)


def compare_versions(connector: Connector, names: Sequence[str], *, load: bool = False) -> Compared:
    """Compare two versions of a module.

    Args:
        connector: The connector.
        names: The module and its two versions, the older one first.
        load: Whether to run the code that makes forms.

    Raises:
        UsageError: There is no such version, or it is one and the same.
    """
    module, *versions = names
    keys: list[Key] = [(module, named(versions_of(connector, module), each).version) for each in versions]
    if keys[0] == keys[1]:
        raise UsageError(f"{keys[0][1]} is one version, and two are compared.", "with a commit: --against REF")

    forms = forms_of(connector)
    found = _loaded(connector, connector, {key: forms[key] for key in keys}) if load else forms
    return Compared([compare(found[keys[0]], found[keys[1]], read_severities(connector.root))])


def compare_with(connector: Connector, ref: str, names: Sequence[str], *, load: bool = False) -> Compared:
    """Compare a connector with a commit of its repository.

    Args:
        connector: The connector, as its files are.
        ref: The commit.
        names: Modules, or versions as MODULE/VERSION; all when empty.
        load: Whether to run the code that makes forms, that of the commit too.

    Raises:
        UsageError: There is no such commit, or no such module in either.
        StacksyncError: The modules directory is not where app_config.yaml says.
    """
    severities = read_severities(connector.root)
    connector.require_modules_dir()
    with former(connector, ref, everything=load) as then:
        if then.connector is None:
            return Compared([], (f"{ref} has no connector in {then.commit.prefix or 'the repository'}.",))

        before, after = forms_of(then.connector, then.prefix), forms_of(connector)
        notes = (
            []
            if then.connector.has_modules_dir
            else [f"{then.prefix}{then.connector.config_file} names no folder of modules"]
        )
        notes += [f"{then.prefix}{link}: a link, which was not followed" for link in links_of(then)]
        _require_known(names, {*before, *after}, connector)
        if load:
            before, after = _loaded(then.connector, connector, before), _loaded(connector, connector, after)
        sides = Sides(before, after, (then.connector.app_type, connector.app_type), severities)
        found = compare_connectors(sides, lambda key: _is_wanted(key, names) and not _is_link(key, then))
    return Compared(found, tuple(notes))


def _loaded(connector: Connector, current: Connector, found: dict[Key, FormOf]) -> dict[Key, FormOf]:
    from stacksync.comparison.loading import with_made_forms  # with all that starts processes
    from stacksync.dev.environment.interpreter import find_interpreter

    return with_made_forms(connector, find_interpreter(current.root), found)


def _is_wanted(key: Key, names: Sequence[str]) -> bool:
    return not names or key[0] in names or "/".join(key) in names


def _is_link(key: Key, then: Former) -> bool:
    links = [tuple(link.split("/")[-len(key) :]) for link in links_of(then)]
    return key in links or any(link[-1] == key[0] for link in links)


def _require_known(names: Sequence[str], known: set[Key], connector: Connector) -> None:
    for name in names:
        if not any(_is_wanted(key, [name]) for key in known):
            tip = f"the modules are {', '.join(module_names(connector)) or 'none'}"
            raise UsageError(f"There is no module {name!r}, neither here nor there.", tip)
