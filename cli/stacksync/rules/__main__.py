"""Write the page of rules: `python -m stacksync.rules`."""

from stacksync.reports.rules_page import page
from stacksync.source import CHECKOUT

if __name__ == "__main__":
    (CHECKOUT / "documentation" / "reference" / "rules.md").write_text(page(), encoding="utf-8", newline="\n")
