"""`darkroom batch`: a client of a running service, for whoever has a manifest and a terminal."""
