"""The states of a version, in the words that `list`, `dev` and their JSON use."""

OK = "ok"  # it was loaded, and is served
FAULT = "fault"  # it is not served as it is on disk
NOT_LOADED = "not loaded"  # nothing is known against it, and nobody has tried
