import pytest
from starlette.responses import HTMLResponse

from engine.http import GraphQLHTTP
from tests.engine import toy
from tests.engine.conftest import BOUNDS

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.fixture
def graphql(host):
    return GraphQLHTTP(toy.executor(), host, bounds=BOUNDS, page=HTMLResponse("the page"))


@pytest.mark.parametrize("target", ["/graphql", "/graphql?query={hello}"])
async def test_a_browser_gets_the_page(client, target):
    assert (await client.get(target, accept=BROWSER)).body == b"the page"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.9"])
async def test_other_clients_get_their_answer(client, accept):
    assert (await client.get("/graphql?query={hello}", accept=accept)).json() == {
        "data": {"hello": "hello world"}
    }


async def test_a_post_never_gets_the_page(client):
    assert (await client.query("{ hello }", accept=BROWSER)).json() == {"data": {"hello": "hello world"}}


async def test_without_a_page_a_browser_gets_json(client, stage, host):
    stage.app = GraphQLHTTP(toy.executor(), host, bounds=BOUNDS)
    assert (await client.get("/graphql?query={hello}", accept=BROWSER)).status == 200
