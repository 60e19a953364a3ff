"""Everything done to bytes, rows and work items; no HTTP, no GraphQL."""
