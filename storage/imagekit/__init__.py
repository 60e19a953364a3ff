"""ImageKit: a store of pictures that delivers and derives them itself."""
