"""Who does what is to be done: one protocol, one adapter per technology."""
