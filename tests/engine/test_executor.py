import asyncio

import pytest
from graphql import GraphQLError, get_introspection_query
from structlog.testing import capture_logs

from engine.answers import Answer
from engine.documents import MUTATION, QUERY, SUBSCRIPTION, Operation
from engine.executor import Executor
from engine.limits import Limits
from errors import MalformedRequestError
from tests.engine import toy


def context() -> dict[str, object]:
    return {"person": None, "closed": asyncio.Event()}


async def answer_to_boom(raised: Exception) -> Answer:
    schema = toy.schema()

    def resolve(*_):
        raise raised

    schema.query_type.fields["boom"].resolve = resolve
    return await Executor(schema, limits=Limits()).execute(Operation("{ boom }"), context(), "an-id")


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("{ hello }", None, QUERY),
        ("mutation { touch }", None, MUTATION),
        ("subscription { endless }", None, SUBSCRIPTION),
        ("query a { hello } mutation b { touch }", "b", MUTATION),
        ("query a { hello } mutation b { touch }", "a", QUERY),
    ],
)
def test_the_type_of_the_chosen_operation_is_known_before_it_runs(text, name, kind):
    assert toy.executor().prepare(Operation(text, operation_name=name)).operation_type is kind


async def test_a_fault_is_logged_with_its_request_and_masked():
    with capture_logs() as logs:
        answer = await answer_to_boom(RuntimeError("secret"))
    assert answer.errors == [
        {
            "message": "Something went wrong on our side. Quote this id when you report it.",
            "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "an-id"},
            "locations": [{"line": 1, "column": 3}],
            "path": ["boom"],
        }
    ]
    assert [(log["request_id"], str(log["exc_info"])) for log in logs] == [("an-id", "secret")]


async def test_an_error_that_names_its_code_is_shown():
    answer = await answer_to_boom(GraphQLError("No.", extensions={"code": "FORBIDDEN", "why": 1}))
    assert (answer.errors[0]["message"], answer.errors[0]["extensions"]) == (
        "No.",
        {"code": "FORBIDDEN", "why": 1},
    )


async def test_a_value_that_does_not_fit_its_type_is_a_fault_of_ours():
    schema = toy.schema()
    schema.query_type.fields["square"].resolve = lambda *_, **__: "secret"
    answer = await Executor(schema, limits=Limits()).execute(
        Operation("{ square(of: 1) }"), context(), "an-id"
    )
    assert (answer.status, answer.data) == (200, None)
    assert answer.errors[0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in str(answer)


async def test_a_null_for_an_argument_that_has_a_default_is_the_clients_mistake():
    schema = toy.schema()
    operation = Operation("query($of: Int = 1) { square(of: $of) }", {"of": None})
    answer = await Executor(schema, limits=Limits()).execute(operation, context(), "an-id")
    assert answer.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("text", [get_introspection_query(), '{ __type(name: "Query") { name } }'])
async def test_introspection_can_be_turned_off(text):
    open_schema, closed = toy.executor(), Executor(toy.schema(), limits=Limits(), introspection=False)
    assert (await open_schema.execute(Operation(text), context(), "an-id")).errors == []
    assert closed.prepare(Operation(text)).errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(("introspection", "suggests"), [(True, True), (False, False)])
@pytest.mark.parametrize("text", ["{ helo }", "{ deep }"])
def test_names_are_suggested_only_where_they_may_be_read(introspection, suggests, text):
    executor = Executor(toy.schema(), limits=Limits(), introspection=introspection)
    answer = executor.prepare(Operation(text))
    assert ("Did you mean" in answer.errors[0]["message"]) is suggests


async def test_a_subscription_is_not_run_as_a_query():
    with pytest.raises(MalformedRequestError):
        await toy.executor().execute(Operation("subscription { endless }"), context(), "an-id")


async def test_closing_the_events_closes_their_source():
    given = context()
    started = await toy.executor().start(Operation("subscription { endless }"), given, "an-id")
    event = await anext(started.events)
    assert (await started.answer(event)).data == {"endless": 0}
    await started.events.aclose()
    assert given["closed"].is_set()


async def test_a_subscription_that_cannot_start_is_one_answer():
    operation = Operation("subscription($to: Int!) { count(to: $to) }", {"to": "x"})
    answer = await toy.executor().start(operation, context(), "an-id")
    assert (answer.status, answer.errors[0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")


def test_data_is_shown_only_if_something_was_executed():
    assert Answer(None, status=200).as_dict() == {"data": None}
    assert Answer(None, [{"message": "x"}], 400).as_dict() == {"errors": [{"message": "x"}]}


def test_an_error_about_many_places_names_a_few_of_them():
    answer = toy.executor().prepare(Operation("{ square(" + "of: 1 " * 50 + ") }"))
    assert max(len(error["locations"]) for error in answer.errors) == 10
