"""How any GraphQL operation is received and run; it knows no schema and could serve another one unchanged."""
