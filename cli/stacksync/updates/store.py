"""A repository beside the real one: it borrows the commits of that, and holds what an update makes of them."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stacksync.git.command import git, settings_in
from stacksync.git.isolation import Isolation
from stacksync.updates.repository import Repository

ATTRIBUTES = ".gitattributes"

_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Entry:
    """A file as a tree of git has it: its mode, and the name of its content."""

    mode: str
    id: str

    @property
    def is_file(self) -> bool:
        """Whether it is a file, and neither a link nor a submodule."""
        return self.mode.startswith("100")


Tree = Mapping[str, Entry]


@dataclass(frozen=True)
class Store:
    """Git in the repository beside the real one.

    Args:
        isolation: Its environment.
        folder: Its folder.
    """

    isolation: Isolation
    folder: Path

    def git(
        self, *arguments: str, given: bytes = b"", fine: range = range(1), variables: Mapping[str, str] = _NONE
    ) -> bytes:
        """Run git in it."""
        return self.isolation.git(self.folder, *arguments, given=given, fine=fine, variables=variables)

    def files_of(self, commit: str, *paths: str) -> dict[str, Entry]:
        """Return the files of a commit, all of them or those below some paths."""
        command = ["ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths]
        found = {}
        for line in filter(None, self.git(*command, variables={"GIT_LITERAL_PATHSPECS": "1"}).split(b"\0")):
            facts, _, path = line.partition(b"\t")
            mode, _, name = facts.decode().split()
            found[os.fsdecode(path)] = Entry(mode, name)
        return found

    def index(self, name: str, files: Tree) -> str:
        """Write an index of files, and return where it is."""
        place = str(self.folder / ".git" / name)
        lines = [f"{entry.mode} {entry.id}\t".encode() + os.fsencode(path) for path, entry in files.items()]
        given = b"".join(line + b"\0" for line in lines)
        self.git("update-index", "-z", "--index-info", given=given, variables={"GIT_INDEX_FILE": place})
        return place

    def tree(self, files: Tree) -> str:
        """Write a tree of files."""
        return self.git("write-tree", variables={"GIT_INDEX_FILE": self.index("written", files)}).decode().strip()

    def take_in(self, name: str, folder: Path) -> dict[str, Entry]:
        """Return the files of a folder as git would commit them, what is ignored too."""
        if not folder.is_dir():
            return {}

        place = str(self.folder / ".git" / name)
        here = {"GIT_INDEX_FILE": place, "GIT_WORK_TREE": str(folder), "GIT_DIR": str(self.folder / ".git")}
        self.git("-C", str(folder), "add", "--all", "--force", "--", ".", variables=here)
        return self.files_of(self.git("write-tree", variables={"GIT_INDEX_FILE": place}).decode().strip())

    def check_out(self, name: str, files: Tree, folder: Path) -> None:
        """Write files to a folder as git does, by the committed attributes that are among them."""
        place = self.index(name, files)
        folder.mkdir()
        here = {"GIT_INDEX_FILE": place, "GIT_WORK_TREE": str(folder), "GIT_DIR": str(self.folder / ".git")}
        self.git("-C", str(folder), "checkout-index", "--all", "--force", "--quiet", variables=here)

    def add(self, content: bytes) -> str:
        """Keep a content, and return its name."""
        return self.git("hash-object", "-w", "--stdin", given=content).decode().strip()

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return contents by their names."""
        wanted = list(dict.fromkeys(names))
        said = self.git("cat-file", "--batch", given="".join(f"{name}\n" for name in wanted).encode())
        found, place = {}, 0
        for name in wanted:
            start = said.index(b"\n", place) + 1
            place = start + int(said[place:start].split()[2])
            found[name], place = said[start:place], place + 1
        return found


def make_store(repository: Repository, isolation: Isolation, folder: Path) -> Store:
    """Make a repository that borrows the objects of the real one, and writes none to it."""
    where = ["rev-parse", "--git-path", "objects", "--git-path", "shallow"]
    objects, shallow = (repository.top / os.fsdecode(line) for line in git(repository.top, *where).splitlines())
    hashed = {"GIT_DEFAULT_HASH": "sha256"} if len(repository.head) == 64 else {}
    isolation.variables.update(hashed)
    folder.mkdir()
    isolation.git(folder, "init", "--quiet")
    store = Store(isolation, folder)
    (folder / ".git/objects/info").mkdir(exist_ok=True)
    (folder / ".git/objects/info/alternates").write_bytes(os.fsencode(f"{objects}\n"))
    if shallow.is_file():
        shutil.copy(shallow, folder / ".git/shallow")
    _promise(repository, store)
    return store


def _promise(repository: Repository, store: Store) -> None:
    """Let it fetch what a partial clone lacks, from where that would; the programs to fetch by are the user's."""
    settings = [entry.partition("\n")[::2] for entry in settings_in(repository.top, "--local")]
    promisors = [
        key.removesuffix(".promisor") for key, value in settings if key.endswith(".promisor") and value == "true"
    ]
    for key, value in settings:
        remote, _, name = key.rpartition(".")
        if remote in promisors and name in ("url", "promisor", "partialclonefilter"):
            path = repository.top / value
            store.git("config", key, str(path) if name == "url" and path.exists() else value)
    if promisors:
        store.git("config", "core.repositoryFormatVersion", "1")
        store.git("config", "extensions.partialClone", promisors[0].removeprefix("remote."))
