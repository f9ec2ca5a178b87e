"""Form schemas to try things on: our own, and those of real connectors where they are at hand."""

from pathlib import Path

HERE = Path(__file__).parent
OWN = sorted((HERE / "schemas").glob("*.json"))
REAL = sorted((HERE.parents[1] / "shared" / "corpus").glob("*.json"))
FORM_SCHEMAS = [*OWN, *REAL]
# Those with errors, of which one is meant to be.
FAULTY = {"mistakes", "crawl-d42837"} & {path.stem for path in FORM_SCHEMAS}
