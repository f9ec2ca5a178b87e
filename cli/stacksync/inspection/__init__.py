"""What rules work with: the files of a connector, read once, and the place of everything in them."""
