"""Guards of documents: the first half of 2.1."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

LIMITS = "engine/limits.py"
DOCUMENTS = "tests/hostile/graphql/test_documents.py"
REQUESTS = "tests/hostile/graphql/test_requests.py"
WEIGHED = "tests/engine/test_limits.py::test_a_document_at_the_limit_passes_and_one_above_does_not"

GUARDS: Final = (
    Guard(
        "G1",
        "the bound of levels of fields",
        LIMITS,
        '_bound("levels of fields", weight.depth, limits.max_depth)',
        "pass",
        (f"{DOCUMENTS}::test_g1_documents_that_are_too_deep_are_refused",),
    ),
    Guard(
        "G1",
        "the bound of nesting, below which nothing recurses",
        LIMITS,
        '_bound("levels of nesting", nesting, MAX_NESTING)',
        "pass",
        (f"{DOCUMENTS}::test_g1_documents_that_are_too_deep_are_refused",),
    ),
    Guard(
        "G2 F15",
        "the bound of aliases",
        LIMITS,
        '_bound("aliases", weight.aliases, limits.max_aliases)',
        "pass",
        (f"{DOCUMENTS}::test_g2_documents_with_too_much_beside_each_other_are_refused",),
    ),
    Guard(
        "G2 F15",
        "the bound of directives",
        LIMITS,
        '_bound("directives", weight.directives, limits.max_directives)',
        "pass",
        (f"{DOCUMENTS}::test_g2_documents_with_too_much_beside_each_other_are_refused",),
    ),
    Guard(
        "G2",
        "the bound of root fields",
        LIMITS,
        '_bound("root fields", weight.top_fields, limits.max_root_fields)',
        "pass",
        (f"{DOCUMENTS}::test_g2_documents_with_too_much_beside_each_other_are_refused",),
    ),
    Guard(
        "G2",
        "the bound of fields",
        LIMITS,
        '_bound("fields", weight.fields, limits.max_fields)',
        "pass",
        (WEIGHED,),
    ),
    Guard(
        "G4",
        "the refusal of lists of operations",
        "engine/request.py",
        'raise MalformedRequestError("Send one operation a request: batching is not supported.")',
        "given = given[0]",
        (f"{REQUESTS}::test_g4_operations_in_a_list_are_refused",),
    ),
    Guard(
        "G5 F1",
        "the memory of what a fragment weighs",
        LIMITS,
        "if name not in self._weights:",
        "if self._weights.get(name) is not NOTHING:",
        ("tests/engine/test_limits.py::test_a_hostile_document_is_refused_quickly",),
    ),
    Guard(
        "G5",
        "the weight of a spread inside itself",
        LIMITS,
        "self._weights[name] = NOTHING  # what a spread inside itself weighs",
        "pass",
        (f"{DOCUMENTS}::test_g5_fragments_in_a_circle_are_invalid",),
    ),
    Guard(
        "G5",
        "the bound of pairs of fields under one name",
        LIMITS,
        '_bound("pairs of fields with one name", pairs, limits.max_same_name_pairs)',
        "pass",
        (WEIGHED,),
    ),
    Guard(
        "G6",
        "the rule against introspection",
        "engine/documents.py",
        "    NoSchemaIntrospectionCustomRule,\n)\n\n",
        ")\n\n",
        (f"{DOCUMENTS}::test_g6_the_schema_is_hidden",),
    ),
    Guard(
        "G6",
        "the hiding of suggestions in documents",
        "engine/documents.py",
        "self.hide_suggestions = not introspection",
        "self.hide_suggestions = False",
        (f"{DOCUMENTS}::test_g6_no_name_is_suggested",),
    ),
    Guard(
        "G6",
        "the hiding of suggested selections",
        "engine/documents.py",
        "DiscreetScalarLeafsRule if rule is ScalarLeafsRule else rule",
        "rule",
        (f"{DOCUMENTS}::test_g6_no_selection_is_suggested",),
    ),
    Guard(
        "G6",
        "the hiding of suggestions in variables",
        "engine/executor.py",
        "hide_suggestions=self.documents.hide_suggestions,",
        "hide_suggestions=False,",
        (f"{DOCUMENTS}::test_g6_variables_suggest_no_name_either",),
    ),
    Guard(
        "G7",
        "the bound of characters",
        LIMITS,
        "            max_source_length=limits.max_characters,\n",
        "",
        (f"{DOCUMENTS}::test_g7_documents_that_are_long_are_refused",),
    ),
    Guard(
        "G7",
        "the bound of tokens",
        LIMITS,
        "            max_lexical_tokens=limits.max_tokens,\n",
        "",
        (f"{DOCUMENTS}::test_g7_documents_that_are_long_are_refused",),
    ),
    Guard(
        "G7",
        "the bound of comments",
        LIMITS,
        "            max_comments=limits.max_tokens,\n",
        "",
        (f"{DOCUMENTS}::test_g7_documents_that_are_long_are_refused",),
    ),
    Guard(
        "G8",
        "the look at what an operation may cost",
        "engine/executor.py",
        "prepared.tariff.check(variables)",
        "pass",
        (f"{DOCUMENTS}::test_g8_what_would_cost_too_much_never_reaches_the_database",),
    ),
    Guard(
        "G8",
        "the bound of a page's size",
        "resolvers/paging.py",
        "if size is not None and not 1 <= size <= LARGEST_SIZE:",
        "if size is not None and size < 1:",
        (f"{DOCUMENTS}::test_g8_what_would_cost_too_much_never_reaches_the_database",),
    ),
)
