"""Make a connector of this template of one that was there before."""
