"""A login at an API's provider from this machine: OAuth 2.0 with an authorization code and PKCE."""
