"""S3 servers for the whole run."""

from __future__ import annotations

import pytest

from tests import s3


@pytest.fixture(scope="session")
def moto():
    with s3.moto() as server:
        server.client().create_bucket(Bucket="contract")
        yield server


@pytest.fixture(scope="session")
def versitygw(tmp_path_factory):
    with s3.versitygw(tmp_path_factory.mktemp("versitygw")) as server:
        server.client().create_bucket(Bucket="contract")
        yield server
