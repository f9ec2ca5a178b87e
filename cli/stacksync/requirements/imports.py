"""What a connector's requirements.txt installs, and which imports that makes possible."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from stacksync.inspection.survey import Survey

FILE = "requirements.txt"

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_ADDRESS = re.compile(
    r"(?:[\w+]+://|git@)\S*?/?([\w.-]+?)(?:\.git|-\d[\w.]*(?:\.tar\.gz|\.zip|-py\S*\.whl))?(?:@[^/\s]*)?(?:#.*)?$"
)

# Packages that are imported by another name than they are installed by.
_INSTALLED_AS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slack": "slackclient",
    "telegram": "python-telegram-bot",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
# What comes with a package because it cannot work without.
_BRINGS = {
    "authlib": {"cryptography"},
    "boto3": {"botocore", "s3transfer"},
    "flask": {"blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug"},
    "httpx": {"anyio", "certifi", "httpcore", "idna"},
    "jsonschema": {"attr", "attrs", "referencing", "rpds"},
    "openai": {"anyio", "httpx", "pydantic", "typing_extensions"},
    "pandas": {"dateutil", "numpy", "pytz"},
    "pydantic": {"annotated_types", "pydantic_core", "typing_extensions"},
    "requests": {"certifi", "charset_normalizer", "idna", "urllib3"},
    "workflows-cdk": {"flask", "flask_cors", "requests", "sentry_sdk", "werkzeug", "yaml"},
}


def required(survey: Survey) -> frozenset[str] | None:
    """Return the names of the packages that are installed; None where no file says which."""
    if survey.text(FILE) is None:
        return None

    return frozenset(_normal(name) for name in _names(survey, FILE, set()))


def _names(survey: Survey, file: str, seen: set[str]) -> Iterator[str]:
    text = survey.text(file)
    if text is None or file in seen:
        return

    seen.add(file)
    for line in text.text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        included = re.match(r"(?:-r|--requirement)[ =]*(\S+)", line)
        if included:
            yield from _names(survey, str(PurePosixPath(file).parent / included[1]), seen)
        elif address := re.match(r"(?:-e\s+|--editable[ =])?(\S+://\S+|git@\S+)", line):
            named = re.search(r"#.*\begg=([\w.-]+)", line) or _ADDRESS.match(address[1])
            yield named[1] if named else ""
        elif name := _NAME.match(line):
            yield name[1]


def provides(packages: frozenset[str], module: str) -> bool:
    """Say whether one of the packages is likely to be what an import needs: lenient, for names differ in many ways."""
    wanted = _normal(_INSTALLED_AS.get(module, module))
    if any(_alike(package, wanted) for package in packages):
        return True

    return any(module.lower() in brought for package, brought in _BRINGS.items() if package in packages)


def install_name(module: str) -> str:
    """Return what to write for an import."""
    return _INSTALLED_AS.get(module, module.replace("_", "-"))


def _alike(package: str, wanted: str) -> bool:
    shorter, longer = sorted((package.replace("-", ""), wanted.replace("-", "")), key=len)
    if len(shorter) < 3:
        return shorter == longer

    return longer.startswith(shorter) or longer.endswith(shorter)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def local_names(survey: Survey) -> frozenset[str]:
    """Return the names that an import finds in the connector's own root."""
    tops = {PurePosixPath(name).parts[0] for name in survey.files if name.endswith(".py")}
    return frozenset(Path(top).stem for top in tops)
