"""Over https the host is the one that its certificate names."""

from __future__ import annotations

import ssl

import pytest

from errors import FetchFailedError
from processing.fetch import Fetcher
from tests import certificates
from tests.processing.fetch.conftest import LIMITS, fetched
from tests.processing.fetch.origin import HOST, Origin, ok, redirect


@pytest.fixture
def certificate(tmp_path):
    return certificates.self_signed(HOST, tmp_path / "certificate.pem")


@pytest.fixture
async def origin(certificate):
    """One over https; `asked_for` are the names that clients asked for."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    origin = Origin()
    origin.asked_for = []
    tls.sni_callback = lambda _socket, name, _context: origin.asked_for.append(name)
    async with origin.listening(ssl=tls):
        origin.answers = {"/a.jpg": ok(b"bytes")}
        yield origin


def secure(origin, path="/a.jpg", host=HOST):
    return origin.url(path, host).replace("http:", "https:")


async def test_a_certificate_that_nobody_vouches_for_is_refused(fetcher, origin):
    with pytest.raises(FetchFailedError):
        await fetched(fetcher, secure(origin))
    assert origin.heads == []


async def test_a_host_is_asked_for_by_its_name_and_believed_by_its_certificate(
    names, origin, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names.addresses["other.test"] = ["127.0.0.1"]
    fetcher = Fetcher(LIMITS, names, [(HOST, origin.port), ("other.test", origin.port)])

    assert await fetched(fetcher, secure(origin)) == b"bytes"
    with pytest.raises(FetchFailedError):
        await fetched(fetcher, secure(origin, host="other.test"))
    assert origin.asked_for == [HOST, "other.test"]
    assert f"Host: {HOST}:{origin.port}\r\n" in origin.heads[0]


async def test_s6_a_redirect_from_https_to_http_is_not_followed(names, origin, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with Origin().listening() as plain:
        plain.answers = {"/a.jpg": ok(b"bytes")}
        origin.answers = {"/": redirect(plain.url())}
        fetcher = Fetcher(LIMITS, names, [(HOST, origin.port), (HOST, plain.port)])

        with pytest.raises(FetchFailedError):
            await fetched(fetcher, secure(origin, "/"))
        assert plain.heads == []
