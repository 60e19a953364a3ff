"""`python -m schema` writes the published schema to `schema.graphql`, and as a page to `docs/schema.md`."""

from __future__ import annotations

from pathlib import Path

from schema import reference, schema

published = schema.as_str() + "\n"
Path("schema.graphql").write_text(published)
Path("docs/schema.md").write_text(reference.page(published))
