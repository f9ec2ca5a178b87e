"""Which distribution packages give which imports.

Nothing is asked of a package index: what is not known here, and in no environment of the connector, is not guessed. A
wrong name in a tip would be installed, and one that nobody has registered could be registered by anybody.
"""

from collections.abc import Iterable

from packaging.utils import canonicalize_name

from stacksync.requirements.sdk import BROUGHT

# Distributions that are imported by other names than their own, as their own documentation has it.
IMPORTED_AS: dict[str, tuple[str, ...]] = {
    "antlr4-python3-runtime": ("antlr4",),
    "atlassian-python-api": ("atlassian",),
    "attrs": ("attr", "attrs"),
    "beautifulsoup4": ("bs4",),
    "cx-oracle": ("cx_Oracle",),
    "dnspython": ("dns",),
    "firecrawl-py": ("firecrawl",),
    "gitpython": ("git",),
    "google-api-python-client": ("apiclient", "googleapiclient"),
    "grpcio": ("grpc",),
    "hubspot-api-client": ("hubspot",),
    "msgraph-sdk": ("msgraph",),
    "mysql-connector-python": ("mysql",),
    "mysqlclient": ("MySQLdb",),
    "office365-rest-python-client": ("office365",),
    "opencv-python": ("cv2",),
    "opencv-python-headless": ("cv2",),
    "pdfminer-six": ("pdfminer",),
    "pillow": ("PIL",),
    "psycopg2-binary": ("psycopg2",),
    "pycryptodome": ("Crypto",),
    "pycryptodomex": ("Cryptodome",),
    "pyjwt": ("jwt",),
    "pymongo": ("bson", "gridfs", "pymongo"),
    "pymupdf": ("fitz", "pymupdf"),
    "pynacl": ("nacl",),
    "pyopenssl": ("OpenSSL",),
    "pypdf2": ("PyPDF2",),
    "pyserial": ("serial",),
    "python-dateutil": ("dateutil",),
    "python-docx": ("docx",),
    "python-dotenv": ("dotenv",),
    "python-gnupg": ("gnupg",),
    "python-jose": ("jose",),
    "python-magic": ("magic",),
    "python-multipart": ("multipart", "python_multipart"),
    "python-pptx": ("pptx",),
    "python-slugify": ("slugify",),
    "python-telegram-bot": ("telegram",),
    "pyyaml": ("yaml",),
    "pyzmq": ("zmq",),
    "scikit-image": ("skimage",),
    "scikit-learn": ("sklearn",),
    "setuptools": ("pkg_resources", "setuptools"),
    "shopifyapi": ("shopify",),
    "slackclient": ("slack",),
    "snowflake-connector-python": ("snowflake",),
    "stacksync-workflows-cdk": ("stacksync_cdk",),
    "websocket-client": ("websocket",),
}
# Distributions whose import is their own name.
_NAMED_ALIKE = """
    aiohttp anthropic authlib boto3 botocore cryptography faker flask gspread httpx jinja2 jira jsonschema lxml
    markdown matplotlib numpy openai openpyxl oracledb pandas paramiko pendulum psycopg pyairtable pydantic pymssql
    pymysql pyodbc pypdf pytz redis requests sendgrid simple_salesforce sqlalchemy stripe tenacity twilio werkzeug xlrd
    xmltodict zeep
"""
NAMED_ALIKE = frozenset(_NAMED_ALIKE.split())
# What comes with a distribution because it cannot work without.
_BRINGS = {
    "authlib": {"cryptography"},
    "boto3": {"botocore", "s3transfer"},
    "flask": {"blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug"},
    "flask-wtf": {"itsdangerous", "wtforms"},
    "google-api-python-client": {"google", "google_auth_httplib2", "httplib2", "uritemplate"},
    "gspread": {"google", "google_auth_oauthlib"},
    "httpx": {"anyio", "certifi", "httpcore", "idna"},
    "jsonschema": {"attr", "attrs", "referencing", "rpds"},
    "openai": {"anyio", "httpx", "pydantic", "typing_extensions"},
    "pandas": {"dateutil", "numpy", "pytz"},
    "protobuf": {"google"},
    "pydantic": {"annotated_types", "pydantic_core", "typing_extensions"},
    "requests": {"certifi", "charset_normalizer", "idna", "urllib3"},
    "stacksync-cdk": {"flask", "pydantic", "werkzeug", "yaml"},
    "stacksync-workflows-cdk": {"flask", "pydantic", "werkzeug", "yaml"},
    "workflows-cdk": {"requests", *(name.lower() for name in BROUGHT)},
}


def provides(distributions: Iterable[str], module: str) -> bool:
    """Say whether one of the distributions may be what an import needs: lenient, for names differ in many ways."""
    wanted = canonicalize_name(module)
    return any(
        module in IMPORTED_AS.get(each, ()) or module.lower() in _BRINGS.get(each, ()) or _alike(each, wanted)
        for each in distributions
    )


def brings(distributions: Iterable[str], module: str) -> bool:
    """Say whether one of the distributions is known to bring an import that belongs to another."""
    return any(module.lower() in _BRINGS.get(each, ()) for each in distributions)


def distribution_of(module: str) -> str | None:
    """Return the one distribution that is known to give an import; None where there is none, or more than one."""
    if module in NAMED_ALIKE:
        return module.replace("_", "-")

    known = [name for name, modules in IMPORTED_AS.items() if module in modules]
    return known[0] if len(known) == 1 else None


def _alike(distribution: str, wanted: str) -> bool:
    shorter, longer = sorted((distribution.replace("-", ""), wanted.replace("-", "")), key=len)
    if len(shorter) < 3:
        return shorter == longer

    return longer.startswith(shorter) or longer.endswith(shorter)
