"""What both CRMs are played with: the records that they hold."""

from typing import Any

# A status, and a body to be sent as JSON.
Reply = tuple[int, Any]
Rows = list[dict[str, Any]]


class Store:
    """The records of a CRM, and how many of them it tells at once."""

    def __init__(self) -> None:
        self.rows: Rows = []
        self.page_size = 200

    def keep(self, values: dict[str, Any]) -> str:
        """Keep a record and return its id."""
        self.rows.append({**values, "Id": f"id-{len(self.rows) + 1}"})
        return str(self.rows[-1]["Id"])
