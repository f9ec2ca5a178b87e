"""Where the files of a module's version name the version they are in, so that a copy can name its own.

A `v1` alone says nothing: it may be the version of somebody's API. What counts is what names module and version.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

_CONFIG = re.compile(r"""(?m)^(\s*module_version\s*:\s*["']?v?)(\d+)""")
# The display name, in quotes or plain, and the version that it may say already.
_NAME = re.compile(r"""(?m)^(\s*module_name\s*:[ \t]*)(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\n]|'')*)'|([\w(][^\n#]*))""")
_SAID = re.compile(r"\s*\(v\d+\)$")
_SETTINGS = re.compile(r"(?m)^(module_settings\s*:[ \t]*(?:#.*)?\r?\n)([ \t]+)(?=\S)")
_TYPE = re.compile(r"""(?m)^\s*module_type\s*:\s*["']?([\w ]+)""")


@dataclass(frozen=True)
class Renaming:
    """A version that becomes another.

    Args:
        modules_dir: Where modules are, from the connector's root: `src/modules`.
        module: The module's folder.
        old: The version's folder.
        new: The copy's folder.
        routes: What the module answers, each the part of a URL after the version.
    """

    modules_dir: str
    module: str
    old: str
    new: str
    routes: Iterable[str] = ()

    def apply(self, file: PurePosixPath, text: str) -> str:
        """Return the text of a file of the version as it is to stand in the copy."""
        for pattern in self._everywhere:
            text = pattern.sub(rf"\g<1>{self.new}", text)
        if file.name == "module_config.yaml":
            text = self._named(_CONFIG.sub(rf"\g<1>{self.new.removeprefix('v')}", text))
        if file.suffix != ".py" or "tests" in file.parts:
            text = self._bare.sub(rf"\g<1>{self.new}", text)
            text = "".join(map(self._beside_module, text.splitlines(keepends=True)))
        return text

    def left(self, text: str) -> list[int]:
        """Return the lines that still say the old version, of whatever it may be."""
        word = re.compile(rf"(?<!\w){re.escape(self.old)}(?!\w)")
        return [number for number, line in enumerate(text.splitlines(), 1) if word.search(line)]

    @cached_property
    def _everywhere(self) -> list["re.Pattern[str]"]:
        """Paths, imports, and URLs that the module answers."""
        module, old = re.escape(self.module), re.escape(self.old)
        parts = [re.escape(part) for part in self.modules_dir.split("/")]
        folder, package = r"[/\\]".join(parts), r"\.".join(parts)
        routes = "|".join(re.escape(route.strip("/")) for route in ("execute", "content", "schema", *self.routes))
        return [
            re.compile(rf"({folder}[/\\]{module}[/\\]){old}(?!\w)"),
            re.compile(rf"(?<!\w)({package}\.{module}\.){old}(?!\w)"),
            re.compile(rf"(?<!\w)(from\s+{package}\.{module}\s+import\s+){old}(?!\w)"),
            re.compile(rf"(?<![\w-])({module}/){old}(?=/(?:{routes})(?!\w))"),
        ]

    @cached_property
    def _bare(self) -> "re.Pattern[str]":
        """`get_contacts/v1` where it does not continue somebody's address."""
        return re.compile(rf"(?<![\w./-])(/?{re.escape(self.module)}/){re.escape(self.old)}(?![\w-])")

    def _named(self, config: str) -> str:
        """Call the copy `NAME (v2)`: on the platform both versions are listed."""
        if _NAME.search(config):
            return _NAME.sub(self._with_version, config, count=1)
        if re.search(r"(?m)^\s*module_name\s*:", config):
            return config  # in a style of YAML that is for its author to change

        kind = _TYPE.search(config)
        title = (kind[1].strip() if kind else self.module).replace("_", " ").title()
        return _SETTINGS.sub(rf"\g<1>\g<2>module_name: {title} ({self.new})\n\g<2>", config, count=1)

    def _with_version(self, found: "re.Match[str]") -> str:
        quote = '"' if found[2] is not None else "'" if found[3] is not None else ""
        said = next(text for text in found.groups()[1:] if text is not None)
        name = _SAID.sub("", said.rstrip())
        return f"{found[1]}{quote}{name} ({self.new}){quote}{said[len(said.rstrip()) :] if not quote else ''}"

    def _beside_module(self, line: str) -> str:
        """Follow `connector.module("get_contacts", "v1")`."""
        if not re.search(rf"""(["']){re.escape(self.module)}\1""", line):
            return line

        return re.sub(rf"""((["'])){re.escape(self.old)}(?=\2)""", rf"\g<1>{self.new}", line)
