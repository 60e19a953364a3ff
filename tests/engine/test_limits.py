import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from graphql import get_introspection_query, validate

from engine import limits
from engine.answers import Answer
from engine.documents import Documents, Operation, Prepared
from engine.limits import Limits
from errors import QueryTooComplexError
from tests.engine import toy

T = TypeVar("T")
ROOMY = Limits(max_tokens=100_000, max_characters=1_000_000)


def check(text: str, **bounds: int) -> None:
    chosen = Limits(**bounds)
    limits.check(limits.parsed(text, chosen), chosen)


def nested(levels: int) -> str:
    return "{" + "deep{" * (levels - 1) + "hello" + "}" * levels


def doubling(levels: int) -> str:
    fragments = (f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}} " for n in range(levels))
    return "{...f0} " + "".join(fragments) + f"fragment f{levels} on Query{{hello}}"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What `work` gives, and the CPU time of the best of three tries: others use this machine too."""
    tries = []
    for _ in range(3):
        started = time.process_time()
        given = work()
        tries.append(time.process_time() - started)
    return given, min(tries)


@pytest.mark.parametrize(
    ("bound", "at_the_limit", "above"),
    [
        ("max_depth", nested(5), nested(6)),
        ("max_depth", "{...f} fragment f on Query{deep{deep{deep{...g}}}} fragment g on Query{deep{hello}}",
         "{...f} fragment f on Query{deep{deep{deep{...g}}}} fragment g on Query{deep{deep{hello}}}"),
        ("max_root_fields", "{a:hello b:hello ...f} fragment f on Query{boom refused whoAmI}",
         "{a:hello b:hello ...f hello} fragment f on Query{boom refused whoAmI}"),
        ("max_fields", "{deep{...f ...f}} fragment f on Query{hello boom}", "{deep{...f ...f hello}} fragment f on Query{hello boom}"),
        ("max_aliases", "{a:hello b:hello deep{a:hello b:hello ...on Query{c:hello}}}",
         "{a:hello b:hello deep{a:hello b:hello ...on Query{c:hello d:hello}}}"),
        ("max_directives", "query @a {hello @a @a ...f @a} fragment f on Query @a {hello}",
         "query ($n:Int @a) @a {hello @a @a ...f @a} fragment f on Query @a {hello}"),
        ("max_same_name_pairs", "{a b c d deep{a b c d deep{e}}}", "{a b c d deep{a b c d deep{e a}}}"),
        ("max_tokens", "{a b c}", "{a b c d}"),
        ("max_characters", "{ a }", "{ aa }"),
    ],
)  # fmt: skip
def test_a_document_at_the_limit_passes_and_one_above_does_not(bound, at_the_limit, above):
    check(at_the_limit, **{bound: 5})
    with pytest.raises(QueryTooComplexError):
        check(above, **{bound: 5})


def test_introspection_is_exempt_from_the_depth():
    check(get_introspection_query(), max_depth=1)


def test_fragment_cycles_are_left_to_the_validation():
    check("{...a} fragment a on Query{...b} fragment b on Query{...a ...b}")
    answer = toy.executor().prepare(Operation("{...a} fragment a on Query{hello ...a}"))
    assert answer.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "text",
    [
        doubling(16), doubling(25), doubling(60), doubling(99),
        "{...f0}" + "".join(f"fragment f{n} on Query{{hello}}" for n in range(10_000)),
        "{" + "".join(f"a{n}:hello " for n in range(5_000)) + "}",
        "{hello " + "@a " * 5_000 + "}",
        "{" + "deep{" + "hello " * 300 + "}" * 1 + "deep{" + "hello " * 300 + "}}",
        "{deep{" + "deep{hello}" * 400 + "}}",
        "{deep{" + "".join(f"a: square(of: {n}) " for n in range(300)) + "}}",
        "{" * 10_000, nested(10_000), "{hello(name:" + "[" * 10_000, '{hello(name:"' + "x" * 1_000_000 + '")}',
        "#" + "x" * 1_000_000 + "\n{hello}", "".join(f"query q{n}{{hello}} " for n in range(1_000)),
        "query(" + "".join(f"$v{n}:Int " for n in range(1_000)) + "){hello}",
    ],
)  # fmt: skip
@pytest.mark.timeout(20)  # what doubles with every fragment never ends
def test_a_hostile_document_is_refused_quickly(text):
    executor = toy.executor()
    answer, seconds = timed(lambda: executor.prepare(Operation(text)))
    assert isinstance(answer, Answer)
    assert answer.status == 400
    assert seconds < 0.1


def test_a_fragment_hidden_behind_another_of_its_name_is_weighed_too():
    with pytest.raises(QueryTooComplexError):
        check("{...f} fragment f on Query{a b c} fragment f on Query{a}", max_fields=2)


def test_deeply_chained_spreads_are_refused_without_recursing():
    chain = "".join(f"fragment f{n} on Query{{...f{n + 1}}} " for n in range(5_000))
    with pytest.raises(QueryTooComplexError, match="nesting"):
        limits.check(limits.parsed("{...f0}" + chain, ROOMY), ROOMY)


def test_the_dearest_document_within_the_limits_is_validated_in_bounded_time():
    text = "{deep{" + "deep{hello}" * 130 + "".join(f"a: square(of: {n}) " for n in range(29)) + "}}"
    document = limits.parsed(text, Limits())
    limits.check(document, Limits())
    schema = toy.schema()
    _, seconds = timed(lambda: validate(schema, document))
    assert seconds < 0.5


def test_prepared_documents_are_remembered_up_to_a_number():
    documents = Documents(toy.schema(), limits=Limits(), kept=2)
    first = documents.prepare(Operation("{ hello }"))
    assert isinstance(first, Prepared)
    assert documents.prepare(Operation("{ hello }")) is first
    documents.prepare(Operation("{ whoAmI }"))
    documents.prepare(Operation("{ deep { hello } }"))
    assert documents.prepare(Operation("{ hello }")) is not first


def test_a_long_document_is_remembered_only_until_the_next():
    executor = toy.executor(max_kept_characters=10)
    long, other = Operation("{ deep { hello } }"), Operation("{ deep { deep { hello } } }")
    first = executor.prepare(long)
    assert executor.prepare(long) is first
    executor.prepare(other)
    assert executor.prepare(long) is not first


def test_a_document_that_cannot_run_is_not_validated_again_for_the_same_request():
    executor = toy.executor()
    refused = executor.prepare(Operation("{ nothing }"))
    assert executor.prepare(Operation("{ nothing }")) is refused
    assert executor.prepare(Operation("{ nothing }", operation_name="b")) is not refused
