"""Opening a file of the connector in its developer's editor."""
