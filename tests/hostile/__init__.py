"""Attacks: each row of the catalogue in SECURITY.md, against the real service, under one oracle for all."""
