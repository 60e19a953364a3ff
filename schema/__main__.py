"""`python -m schema` writes the published schema to `schema.graphql`."""

from __future__ import annotations

from pathlib import Path

from schema import schema

Path("schema.graphql").write_text(schema.as_str() + "\n")
