"""`stacksync invoke`: what is given on the command line, what is asked for, and the call."""
