"""How fields get their answers: a context and plain arguments in, documents out, refusals raised."""
