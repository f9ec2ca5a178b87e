"""Cassettes: the calls of a run to third-party APIs, recorded in development and played back without a network.

`tapes` stands between `requests` and the network, `content` is the file, `placeholders` keeps secrets out of it,
`installing` switches it on. A connector in production loads none of it.
"""
