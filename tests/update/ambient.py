"""What users have around them: settings of git, variables, locales, and contents that are no plain text."""

import random
from dataclasses import dataclass, field
from pathlib import Path

# Every kind of setting by which git compares, applies, merges, reads, writes, ignores or shows otherwise.
SETTINGS = [
    ("advice.detachedHead", "false"),
    ("apply.ignoreWhitespace", "change"),
    ("apply.whitespace", "error"),
    ("apply.whitespace", "error-all"),
    ("apply.whitespace", "fix"),
    ("apply.whitespace", "nowarn"),
    ("color.diff", "always"),
    ("color.status", "always"),
    ("color.ui", "always"),
    ("column.ui", "always"),
    ("commit.cleanup", "strip"),
    ("commit.gpgSign", "true"),
    ("commit.status", "false"),
    ("commit.template", "{home}/message"),
    ("commit.verbose", "true"),
    ("core.abbrev", "40"),
    ("core.alternateRefsCommand", "{home}/fail"),
    ("core.alternateRefsPrefixes", "refs/none"),
    ("core.attributesFile", "{home}/attributes"),
    ("core.autocrlf", "input"),
    ("core.autocrlf", "true"),
    ("core.bigFileThreshold", "1k"),
    ("core.checkRoundtripEncoding", "UTF-16"),
    ("core.checkStat", "minimal"),
    ("core.commentChar", "%"),
    ("core.commitGraph", "false"),
    ("core.compression", "0"),
    ("core.createObject", "rename"),
    ("core.deltaBaseCacheLimit", "1k"),
    ("core.editor", "false"),
    ("core.eol", "crlf"),
    ("core.excludesFile", "{home}/ignored"),
    ("core.fileMode", "false"),
    ("core.filesRefLockTimeout", "0"),
    ("core.fsmonitor", "{home}/fail"),
    ("core.fsmonitorHookVersion", "1"),
    ("core.fsync", "none"),
    ("core.fsyncMethod", "batch"),
    ("core.fsyncObjectFiles", "true"),
    ("core.hooksPath", "{home}/hooks"),
    ("core.ignoreCase", "true"),
    ("core.ignoreStat", "true"),
    ("core.logAllRefUpdates", "always"),
    ("core.looseCompression", "0"),
    ("core.multiPackIndex", "false"),
    ("core.notesRef", "refs/notes/none"),
    ("core.packedGitLimit", "1m"),
    ("core.packedGitWindowSize", "1m"),
    ("core.packedRefsTimeout", "0"),
    ("core.pager", "false"),
    ("core.precomposeUnicode", "true"),
    ("core.preferSymlinkRefs", "true"),
    ("core.preloadIndex", "false"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.quotePath", "false"),
    ("core.safecrlf", "warn"),
    ("core.sharedRepository", "group"),
    ("core.sparseCheckout", "false"),
    ("core.sparseCheckoutCone", "false"),
    ("core.splitIndex", "true"),
    ("core.symlinks", "false"),
    ("core.trustctime", "false"),
    ("core.untrackedCache", "true"),
    ("core.useReplaceRefs", "false"),
    ("core.warnAmbiguousRefs", "false"),
    ("core.whitespace", "trailing-space,space-before-tab,cr-at-eol"),
    ("diff.algorithm", "patience"),
    ("diff.autoRefreshIndex", "false"),
    ("diff.colorMoved", "zebra"),
    ("diff.colorMovedWS", "allow-indentation-change"),
    ("diff.context", "0"),
    ("diff.dirstat", "lines"),
    ("diff.external", "{home}/fail"),
    ("diff.guitool", "false"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.indentHeuristic", "false"),
    ("diff.interHunkContext", "20"),
    ("diff.mnemonicPrefix", "true"),
    ("diff.noprefix", "true"),
    ("diff.orderFile", "{home}/order"),
    ("diff.relative", "true"),
    ("diff.renameLimit", "1"),
    ("diff.renames", "copies"),
    ("diff.statGraphWidth", "1"),
    ("diff.submodule", "log"),
    ("diff.suppressBlankEmpty", "true"),
    ("diff.tool", "false"),
    ("diff.wordRegex", "."),
    ("diff.wsErrorHighlight", "all"),
    ("diff.x.binary", "true"),
    ("diff.x.cachetextconv", "true"),
    ("diff.x.command", "{home}/fail"),
    ("diff.x.textconv", "{home}/fail"),
    ("diff.x.wordRegex", "."),
    ("diff.x.xfuncname", "^x"),
    ("feature.manyFiles", "true"),
    ("fetch.prune", "true"),
    ("filter.upper.clean", "tr a-z A-Z"),
    ("filter.upper.smudge", "tr A-Z a-z"),
    ("gc.auto", "1"),
    ("i18n.commitEncoding", "latin1"),
    ("i18n.logOutputEncoding", "latin1"),
    ("index.recordEndOfIndexEntries", "true"),
    ("index.recordOffsetTable", "true"),
    ("index.sparse", "true"),
    ("index.threads", "1"),
    ("index.version", "4"),
    ("init.defaultBranch", "trunk"),
    ("init.templateDir", "{home}/skeleton"),
    ("log.showSignature", "true"),
    ("merge.autoStash", "true"),
    ("merge.branchdesc", "true"),
    ("merge.conflictStyle", "diff3"),
    ("merge.conflictStyle", "merge"),
    ("merge.defaultToUpstream", "false"),
    ("merge.directoryRenames", "true"),
    ("merge.ff", "only"),
    ("merge.guitool", "false"),
    ("merge.log", "1"),
    ("merge.renameLimit", "1"),
    ("merge.renames", "false"),
    ("merge.renormalize", "true"),
    ("merge.stat", "false"),
    ("merge.suppressDest", "main"),
    ("merge.tool", "false"),
    ("merge.union.driver", "{home}/fail"),
    ("merge.union.name", "mine"),
    ("merge.union.recursive", "binary"),
    ("merge.verbosity", "5"),
    ("merge.verifySignatures", "true"),
    ("pager.diff", "true"),
    ("status.aheadBehind", "false"),
    ("status.branch", "true"),
    ("status.displayCommentPrefix", "true"),
    ("status.relativePaths", "false"),
    ("status.renameLimit", "1"),
    ("status.renames", "copies"),
    ("status.short", "true"),
    ("status.showStash", "true"),
    ("status.showUntrackedFiles", "no"),
    ("status.submoduleSummary", "true"),
    ("submodule.recurse", "true"),
    ("tag.gpgSign", "true"),
    ("user.useConfigOnly", "true"),
]
# Not a user's for all repositories, or of Windows alone, or what fetching needs, which is kept.
OTHERS = {"core.bare", "core.worktree", "core.repositoryformatversion", "core.hidedotfiles", "core.unsetenvvars"}
OTHERS |= {"core.restrictinheritedhandles", "core.askpass", "core.gitproxy", "core.sshcommand"}
SECTIONS = ("apply.", "commit.", "core.", "diff.", "filter.", "index.", "merge.", "status.")
VARIABLES = [
    {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX"},
    {"LANG": "C.UTF-8"},
    {"PYTHONIOENCODING": "latin-1"},
    {"GIT_EXTERNAL_DIFF": "false"},
    {"GIT_DIFF_OPTS": "-u0"},
    {"GIT_CONFIG_PARAMETERS": "'apply.whitespace'='fix' 'diff.noprefix'='true'"},
    {"GIT_EDITOR": "false", "GIT_PAGER": "false"},
    {"GIT_DIR": "/nonexistent", "GIT_INDEX_FILE": "/nonexistent/index", "GIT_WORK_TREE": "/nonexistent"},
    {"GIT_TRACE": "1"},
    {"GIT_LITERAL_PATHSPECS": "1"},
    {"GIT_AUTHOR_DATE": "nonsense"},
    {"TZ": "Pacific/Kiritimati"},
]
CONTENTS = [
    "# mine été\n".encode("latin-1"),
    "# mine\n".encode("utf-16"),
    b"# mine\r\n",
    b"# mine, and no line end",
    b"# \x00\n",
    b"# blanks   \n\t\n\n}\n",
    b"# " + b"x" * 1_000_000 + b"\n",
    b"# \xff\xfe\x80\n",
    "# 大きさ 😀\n".encode(),
    b"<<<<<<< mine\n=======\n>>>>>>> mine\n",
]
NAMES = [b"caf\xe9.txt", b'"q".md', b"a\nb", b" first.md", b"last ", b"tab\t", b"\\x", "é ü.md".encode(), b"-r.md"]
HELD = ["README.md", "AGENTS.md", "Dockerfile", "src/runtime/choice.py", "gunicorn.conf.py", "app_config.yaml"]


@dataclass
class Ambient:
    """A user's machine, made by chance."""

    home: Path
    chance: random.Random
    variables: dict[str, str] = field(default_factory=dict)

    def furnish(self) -> None:
        """Write settings, attributes, an excludes file and hooks that fail."""
        for folder in ("hooks", "skeleton/hooks", ".config/git"):
            (self.home / folder).mkdir(parents=True)
        for name in ("hooks/post-checkout", "hooks/pre-commit", "skeleton/hooks/post-commit", "fail"):
            (self.home / name).write_text("#!/bin/sh\nexit 1\n")
            (self.home / name).chmod(0o755)
        for name in ("ignored", ".config/git/ignore"):
            (self.home / name).write_text("AGENTS.md\n.vscode/\n*.md\nsrc/runtime/\n")
        for name in ("attributes", ".config/git/attributes", "skeleton/attributes"):
            (self.home / name).write_text("*.py filter=upper diff=x merge=union\n*.md text eol=crlf -diff\n")
        for name in ("message", "order"):
            (self.home / name).write_text("*.py\n")
        chosen = self.chance.sample(SETTINGS, self.chance.randint(5, 25))
        lines = [_line(key, value.format(home=self.home)) for key, value in chosen]
        (self.home / ".gitconfig").write_text("\n".join(lines) + "\n")
        for variables in self.chance.sample(VARIABLES, self.chance.randint(0, 3)):
            self.variables |= variables
        self.variables |= {"HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / ".config")}


def _line(key: str, value: str) -> str:
    names, _, name = key.rpartition(".")
    section, _, subsection = names.partition(".")
    head = f'[{section} "{subsection}"]' if subsection else f"[{section}]"
    return f'{head}\n\t{name} = "{value}"'
