"""Our signatures are those that botocore makes."""

from __future__ import annotations

from unittest import mock
from urllib.parse import parse_qs, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as some

from storage.s3 import Bucket
from storage.s3.signatures import Signer

NAMES = some.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).map("x-amz-meta-".__add__)
VALUES = some.text("abcXYZ019/+=-_.,;:*", min_size=1, max_size=30)
WORDS = some.text(some.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=30)
REQUESTS = {
    "method": some.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    "key": WORDS,
    "query": some.dictionaries(WORDS, WORDS, max_size=3),
    "headers": some.dictionaries(NAMES, VALUES, max_size=3),
    "token": some.none() | VALUES,
    "host": some.sampled_from(["http://minio:9000", "https://s3.example:443", "https://s3.example"]),
}


class OfBody(S3SigV4Auth):
    def __init__(self, credentials, sha256):
        super().__init__(credentials, "s3", "eu-west-1")
        self._sha256 = sha256

    def payload(self, _):
        return self._sha256.hex() if self._sha256 else "UNSIGNED-PAYLOAD"


def signer(host, token):
    credentials = ReadOnlyCredentials("me", "secret", token)
    return Signer(Bucket.at("pics", region="eu-west-1", endpoint_url=host), credentials), credentials


def signature(address):
    return parse_qs(urlsplit(address).query)["X-Amz-Signature"]


@given(**REQUESTS, sha256=some.none() | some.binary(min_size=32, max_size=32))
def test_a_request_is_signed_as_botocore_signs_it(method, key, query, headers, token, host, sha256):
    ours, credentials = signer(host, token)
    address = ours._bucket.address(key, query)
    theirs = AWSRequest(method, address, headers=dict(headers))

    signed = ours.headers(method, key, query, headers, sha256)
    with mock.patch("botocore.auth.get_current_datetime") as now:
        now.return_value.strftime.return_value = signed["x-amz-date"]
        OfBody(credentials, sha256).add_auth(theirs)

    assert signed["authorization"] == theirs.headers["Authorization"]


@given(**REQUESTS)
def test_an_address_is_signed_as_botocore_signs_it(method, key, query, headers, token, host):
    ours, credentials = signer(host, token)
    theirs = AWSRequest(method, ours._bucket.address(key, query), headers=dict(headers))

    address = ours.address(method, key, query, headers, 60)
    with mock.patch("botocore.auth.get_current_datetime") as now:
        now.return_value.strftime.return_value = ours._time
        S3SigV4QueryAuth(credentials, "s3", "eu-west-1", 60).add_auth(theirs)

    assert signature(address) == signature(theirs.url)
