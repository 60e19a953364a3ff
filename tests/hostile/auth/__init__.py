"""Tokens, passwords and addresses of strangers: the catalogue's section 2.7."""
