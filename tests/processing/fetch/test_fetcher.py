"""What a fetch tells others: its target nothing of us, its caller nothing of what can be reached from here."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import aiohttp
import pytest
from structlog.testing import capture_logs

from errors import FetchFailedError
from processing.fetch import Fetcher, FetchLimits, connecting
from processing.fetch.target import parsed
from tests.processing.fetch.conftest import LIMITS, fetched
from tests.processing.fetch.origin import HOST, ok, redirect, silent, status


async def refusal(fetcher, url):
    with pytest.raises((FetchFailedError, OSError)) as refused:
        await fetched(fetcher, url)
    assert type(refused.value) is FetchFailedError
    return refused.value.message, vars(refused.value)


async def test_s9_every_refusal_is_the_same(names, origin, unused_tcp_port):
    names.addresses |= {"inside.test": ["10.0.0.1"], "closed.test": ["127.0.0.1"]}
    origin.answers = {"/silent": silent, "/500": status(500), "/inside": redirect("http://inside.test/")}
    open_to = [(HOST, origin.port), ("closed.test", unused_tcp_port)]
    fetcher = Fetcher(FetchLimits(100, total_seconds=1, silence_seconds=0.1), names, open_to)

    with capture_logs() as logged:
        refusals = [
            await refusal(fetcher, url)
            for url in (
                "http://unknown.test/",
                "http://inside.test/",
                "http://127.0.0.1/",
                "http://inside.test:6379/",
                f"http://closed.test:{unused_tcp_port}/",
                *map(origin.url, ["/silent", "/500", "/404", "/inside"]),
            )
        ]
    assert refusals.count(refusals[0]) == len(refusals)
    assert (
        len({line["reason"] for line in logged}) == len(refusals) - 1
    )  # both forbidden addresses by their own


async def test_s9_the_log_says_why_and_keeps_the_secrets_of_the_address(fetcher, origin):
    with capture_logs() as logged:
        await refusal(fetcher, origin.url("/a.jpg?signature=secret"))

    (line,) = logged
    assert (line["host"], line["port"], line["reason"]) == (
        HOST,
        origin.port,
        "RefusedError: the server answers 404",
    )
    assert "secret" not in str(line)


async def test_s9_what_is_refused_unseen_is_not_even_looked_up(public_fetcher, names):
    for url in ("http://127.0.0.1/", "http://a.test:22/"):
        await refusal(public_fetcher, url)

    assert names.asked == []


async def test_s10_a_target_learns_nothing_but_what_it_is_asked_for(fetcher, origin, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text(f"machine {HOST} login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    origin.answers = {"/": redirect("/a.jpg?b"), "/a.jpg?b": ok(b"bytes", "Set-Cookie: a=b")}
    origin.answers["/"] = redirect("/a.jpg?b").replace(b"\r\n", b"\r\nSet-Cookie: c=d\r\n", 1)

    await fetched(fetcher, origin.url("/"))
    await fetched(fetcher, origin.url("/a.jpg?b"))

    assert [head.split("\r\n")[0] for head in origin.heads] == [
        "GET / HTTP/1.1", "GET /a.jpg?b HTTP/1.1", "GET /a.jpg?b HTTP/1.1",
    ]  # fmt: skip
    for head in origin.heads:
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        version = headers.pop("User-Agent").removeprefix("Darkroom/")
        assert version.replace(".", "").isalnum()
        assert headers.pop("Connection", "close") == "close"
        assert headers == {"Host": f"{HOST}:{origin.port}", "Accept-Encoding": "identity"}


async def test_s10_no_proxy_of_the_environment_is_used(fetcher, origin, canary, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    origin.answers = {"/a.jpg": ok(b"bytes")}

    assert await fetched(fetcher, origin.url()) == b"bytes"


async def test_s11_one_host_has_so_many_fetches_at_once_and_the_others_wait(names, origin):
    async def slow(writer):
        await asyncio.sleep(0.02)
        writer.write(ok(b"bytes"))

    origin.answers = {"/a.jpg": slow}
    fetcher = Fetcher(FetchLimits(100, per_host=3), names, [(HOST, origin.port)])

    files = await asyncio.gather(*(fetched(fetcher, origin.url()) for _ in range(20)))

    assert files == [b"bytes"] * 20
    assert origin.most_at_once == 3


async def test_s11_the_wait_for_a_busy_host_ends_and_other_hosts_are_not_kept_waiting(names, origin):
    names.addresses["other.test"] = ["127.0.0.1"]
    origin.answers = {"/silent": silent, "/a.jpg": ok(b"bytes")}
    limits = FetchLimits(100, per_host=1, total_seconds=1, silence_seconds=5)
    fetcher = Fetcher(limits, names, [(HOST, origin.port), ("other.test", origin.port)])
    busy = asyncio.create_task(refusal(fetcher, origin.url("/silent")))
    while not origin.heads:  # noqa: ASYNC110 - nothing else tells that the host is busy
        await asyncio.sleep(0)

    assert await fetched(fetcher, origin.url(host="other.test")) == b"bytes"
    assert not busy.done()
    await asyncio.gather(busy, refusal(fetcher, origin.url("/silent")))
    assert await fetched(fetcher, origin.url()) == b"bytes"


@pytest.mark.parametrize("host", ["mongo.test", "minio.test", "127.0.0.1", "localhost"])
async def test_s12_a_service_inside_is_out_of_reach_under_its_own_port(fetcher, names, canary, host):
    names.addresses |= {name: ["127.0.0.1"] for name in ("mongo.test", "minio.test", "localhost")}

    await refusal(fetcher, f"http://{host}:{canary.port}/")
    await refusal(fetcher, f"http://{host}:27017/")


async def test_an_origin_that_is_named_is_open_under_that_name_and_port_alone(fetcher, names, origin, canary):
    names.addresses["other.test"] = ["127.0.0.1"]
    origin.answers = {"/a.jpg": ok(b"bytes")}

    assert await fetched(fetcher, origin.url(host="ORIGIN.test.")) == b"bytes"
    for url in (origin.url(host="other.test"), origin.url(host="127.0.0.1"), f"http://{HOST}:{canary.port}/"):
        await refusal(fetcher, url)
    assert origin.connects == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost"])
async def test_the_client_gets_no_socket_to_an_address_that_was_not_checked(canary, host):
    checked = [ip_address("93.184.216.34")]

    async with connecting.session(checked, canary.port, True) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as failed:
            await session.get(f"http://{host}:{canary.port}/")
    assert isinstance(failed.value.os_error, OSError)


@pytest.mark.parametrize(
    ("path", "disposition", "name"),
    [
        ("/albums/a%20b.jpg?x=/c.png", None, "a b.jpg"),
        ("/", None, ""),
        ("/a.jpg", "attachment", "a.jpg"),
        ("/a.jpg", 'attachment; filename="b.jpg"', "b.jpg"),
        ("/a.jpg", "inline; filename=b.jpg", "b.jpg"),
        ("/a.jpg", "attachment; filename=\"b.jpg\"; filename*=UTF-8''%e2%82%ac.jpg", "\u20ac.jpg"),
        ("/a.jpg", "attachment; filename*=UTF-8''%e2%82%ac.jpg; filename=b.jpg", "\u20ac.jpg"),
        ("/a.jpg", "attachment; filename*=no-such-charset''b.jpg", "b.jpg"),
        ("/a.jpg", "attachment; filename*0=b; filename*1=.jpg", "b.jpg"),
        ("/a.jpg", "\xff; filename=; =;;", "a.jpg"),
    ],
)
async def test_a_file_is_called_what_its_server_says_or_the_end_of_its_address(
    fetcher, origin, path, disposition, name
):
    origin.answers = {path: ok(b"bytes", *([f"Content-Disposition: {disposition}"] if disposition else []))}

    async with fetcher.open(parsed(origin.url(path))) as found:
        assert found.filename == name


async def test_the_limit_of_a_fetch_is_the_fetcher_s_not_the_last_one_s(fetcher, origin):
    origin.answers = {"/a.jpg": ok(b"x" * LIMITS.max_bytes)}

    assert len(await fetched(fetcher, origin.url())) == LIMITS.max_bytes
    assert len(await fetched(fetcher, origin.url())) == LIMITS.max_bytes
