"""Batches: a manifest in, compressed images out."""
