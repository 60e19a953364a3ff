"""`darkroom upload` and `darkroom images`: a client of a running service, for whoever has pictures and a terminal."""
