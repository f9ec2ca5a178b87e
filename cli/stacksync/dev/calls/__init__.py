"""The calls that a run makes to APIs: followed by the runner, shown by Studio and `invoke`."""
