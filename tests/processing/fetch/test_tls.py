"""Over https the host is the one that its certificate names."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from errors import FetchFailedError
from processing.fetch import Fetcher
from tests.processing.fetch.conftest import LIMITS, fetched
from tests.processing.fetch.origin import HOST, Origin, ok, redirect


@pytest.fixture
def certificate(tmp_path):
    """One for HOST that signs itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return file


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
