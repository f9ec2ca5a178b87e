"""The ports of this machine that `stacksync dev` listens on."""
