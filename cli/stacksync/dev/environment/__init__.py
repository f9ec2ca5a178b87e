"""What a connector runs with: its interpreter, its packages and its environment variables."""
