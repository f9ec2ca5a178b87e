"""What becomes of a file by its name, where the template has one of the same role."""

import re

from stacksync.adopt.published import published_paths

# Written for the connector as it was built and started before: none of them works beside the template's own.
_MOVED = re.compile(
    r"""(?ix)
    (?: (?:\.?docker|config|deploy(?:ment)?|build)/ )?
    (?: (?:[\w.-]+\.)?dockerfile (?:[._-][\w.-]+)?      # Dockerfile, Dockerfile.dev, prod.Dockerfile
      | (?:docker[_-])?entrypoint (?:[\w-]*) \.sh
      | gunicorn[\w.-]*\.py
    )
    | run_dev[\w-]* \. (?:sh|bat|cmd|ps1)
    """
)
# They are read before pyproject.toml, and would switch its settings off for all that the template brings.
_SETTINGS = re.compile(r"\.?(?:pytest\.ini|ruff\.toml|mypy\.ini)")
# The template's packages: a file of somebody else's among them would be imported with the rest.
_PACKAGES = ("src/runtime/", "workflows_cdk/", "stacksync_cdk/")

# Guides and settings that the vendor's template had, and where the same stands in this one.
_SAME_ROLE = {
    "Dockerfile.dev": "Dockerfile",
    "config/Dockerfile.dev": "Dockerfile",
    "entrypoint.sh": "Dockerfile",
    "config/entrypoint.sh": "Dockerfile",
    "gunicorn_config.py": "gunicorn.conf.py",
    "config/gunicorn_config.py": "gunicorn.conf.py",
    "creating-schemas-README.md": "documentation/module_schema.md",
    "documentation/how-to-build-a-connector.md": "documentation/getting_started.md",
    "documentation/how-to-build-a-module-schema.md": "documentation/module_schema.md",
    "documentation/module-schema-specification.md": "documentation/module_schema.md",
}
# What brings together is done key by key, or line by line.
MERGED = frozenset({
    ".dockerignore",
    ".gitattributes",
    ".gitignore",
    "app_config.yaml",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
})  # fmt: skip
_STAYS = re.compile(
    r"main\.py|readme(\.\w+)?|agents\.md|\.env(\..+)?|conftest\.py|tests/.*|\.vscode/.*|\.github/.*|\.gitlab-ci\.yml"
    r"|renovate\.json",
    re.IGNORECASE,
)


def is_looked_at(path: str) -> bool:
    """Tell whether it depends on the content of a file what becomes of it."""
    return is_moved(path) or path in MERGED or path in published_paths()


def is_moved(path: str) -> bool:
    """Tell whether a file was to build, start or configure the connector as it was, and gives way to the template's."""
    return bool(_MOVED.fullmatch(path) or _SETTINGS.fullmatch(path) or path.startswith(_PACKAGES))


def stays(path: str) -> bool:
    """Tell whether a file stays as it is although the template has another of that name."""
    return _STAYS.fullmatch(path) is not None


def same_role(path: str) -> str | None:
    """Return the file of this template that says or does what a file of the vendor's did; None where there is none."""
    return _SAME_ROLE.get(path)
