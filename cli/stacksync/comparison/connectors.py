"""A connector compared with a commit of its repository: the forms of its versions, and what is gone or new."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from stacksync.comparison.forms import ADDED, CHANGED, REMOVED, FormDifference
from stacksync.comparison.severities import MODULE, MODULE_ID, VERSION, Severity, rate
from stacksync.comparison.versions import Change, Comparison, FormOf, Place, compare, read_form_of
from stacksync.connector import Connector
from stacksync.git.snapshot import Commit, find_commit
from stacksync.inspection.file_cache import FileCache
from stacksync.inspection.version import Version
from stacksync.runtime import CONFIG_FILE, MODULE_CONFIG_FILE, SCHEMA_FILE, is_route_file
from stacksync.runtime.kit import FILE as KIT_FILE

Key = tuple[str, str]


@dataclass(frozen=True)
class Former:
    """A connector as a commit has it.

    Args:
        connector: It, in a folder of ours; None where the commit has no connector there.
        commit: The commit.
    """

    connector: Connector | None
    commit: Commit

    @property
    def prefix(self) -> str:
        """What is written before the names of its files, as `git show` takes it."""
        return f"{self.commit.ref}:{self.commit.prefix}"


@contextmanager
def former(connector: Connector, ref: str, *, everything: bool = False) -> Iterator[Former]:
    """Have a connector as a commit has it, while the block runs.

    Args:
        connector: The connector as it is.
        ref: The commit.
        everything: Whether all its files are needed, to run it; otherwise those that describe it.

    Raises:
        UsageError: There is no such commit.
        StacksyncError: The connector is in no repository.
    """
    commit = find_commit(connector.root, ref)
    with TemporaryDirectory(prefix="stacksync-diff-") as folder:
        root = Path(folder).resolve()
        if not {CONFIG_FILE, KIT_FILE} & commit.files.keys():
            yield Former(None, commit)
            return

        commit.write(root, lambda name: name in (CONFIG_FILE, KIT_FILE))  # they say where the modules are
        described = Connector(root)
        commit.write(root, lambda name: everything or _describes(described, name))
        yield Former(Connector(root), commit)


def _describes(connector: Connector, name: str) -> bool:
    """Say whether a file tells what a version is: its form, its metadata, and its code, which is read."""
    if not connector.modules_dir.is_relative_to(connector.root):
        return False

    path, modules_dir = PurePosixPath(name), connector.relative(connector.modules_dir)
    is_of_version = path.is_relative_to(modules_dir) and len(path.relative_to(modules_dir).parts) == 3
    return is_of_version and (path.name in (SCHEMA_FILE, MODULE_CONFIG_FILE) or is_route_file(path.name))


def forms_of(connector: Connector, prefix: str = "") -> dict[Key, FormOf]:
    """Return the form of each version, by module and version."""
    cache = FileCache(connector)
    versions = (Version(cache, each, connector.relative(each.path)) for each in connector.versions)
    return {(each.folder.module, each.folder.version): read_form_of(each, prefix) for each in versions}


@dataclass(frozen=True)
class Sides:
    """The forms of a connector before and after, by module and version, with its app_type then."""

    before: Mapping[Key, FormOf]
    after: Mapping[Key, FormOf]
    app_types: tuple[str, str]
    severities: Mapping[str, Severity]


def compare_connectors(sides: Sides, wanted: Callable[[Key], bool]) -> list[Comparison]:
    """Compare the versions that are wanted, in the order of the connector as it is; what is gone comes last."""
    keys = [key for key in dict.fromkeys((*sides.after, *sides.before)) if wanted(key)]
    return [_compared(key, sides) for key in keys]


def _compared(key: Key, sides: Sides) -> Comparison:
    before, after = sides.before.get(key), sides.after.get(key)
    if before and after:
        return _with_id(compare(before, after, sides.severities), before, after, sides)

    others = sides.before if after else sides.after
    aspect = VERSION if any(module == key[0] for module, _ in others) else MODULE
    told = "/".join(key) if aspect == VERSION else key[0]
    kind = ADDED if after else REMOVED
    difference = FormDifference((), kind, aspect, told if before else None, told if after else None)
    places = [_of_folder(form) if form else None for form in (before, after)]
    change = Change(rate(difference, sides.severities), *places)
    return Comparison(key[0], key[1] if before else None, key[1] if after else None, (change,))


def _of_folder(form: FormOf) -> Place:
    return Place(f"{form.prefix}{form.version.name}/{form.version.folder.route_files[0].name}", 1)


def _with_id(found: Comparison, before: FormOf, after: FormOf, sides: Sides) -> Comparison:
    """Return a comparison with what differs of the id by which workflows know the module."""
    pairs = zip((before, after), sides.app_types, strict=True)
    ids = [str(form.version.folder.metadata(app_type)["module_id"]) for form, app_type in pairs]
    if ids[0] == ids[1]:
        return found

    rated = rate(FormDifference((), CHANGED, MODULE_ID, ids[0], ids[1]), sides.severities)
    change = Change(rated, _of_config(before), _of_config(after))
    changes, problems = (change, *found.changes), found.problems
    return Comparison(found.module, found.before, found.after, changes, found.not_compared, problems)


def _of_config(form: FormOf) -> Place:
    config = form.version.config
    if config is None:
        return _of_folder(form)

    return Place(f"{form.prefix}{config.file.name}", config.at(("module_settings", "module_type")).line)


def links_of(former_one: Former) -> Sequence[str]:
    """Return the links in the commit's modules directory, which may be versions that were not looked at."""
    connector = former_one.connector
    if connector is None or not connector.modules_dir.is_relative_to(connector.root):
        return ()

    below = connector.relative(connector.modules_dir)
    return [name for name in former_one.commit.links if PurePosixPath(name).is_relative_to(below)]
