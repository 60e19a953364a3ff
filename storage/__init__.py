"""Where bytes live: one protocol, one adapter per technology."""
