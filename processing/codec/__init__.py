"""Images made smaller, in processes that may die of it."""
