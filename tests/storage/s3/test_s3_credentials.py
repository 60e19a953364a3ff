"""Who we are to S3, without the loop ever waiting for it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import MetadataRetrievalError

from storage.s3 import Keys
from storage.s3 import credentials as s3_credentials
from storage.s3.credentials import CredentialSource
from storage.s3.refusal import Concern, NoCredentialsError, concern


def lent(key, lifetime):
    ends_at = (datetime.now(UTC) + lifetime).isoformat()
    return {"access_key": key, "secret_key": "s", "token": "t", "expiry_time": ends_at}


@pytest.fixture
def found(monkeypatch):
    """What boto3 finds in place of an instance's role."""

    def find(credentials):
        monkeypatch.setattr(s3_credentials.boto3.Session, "get_credentials", lambda _: credentials)

    return find


async def test_keys_that_were_given_are_used(found):
    found(None)

    current = await CredentialSource(Keys("me", "secret", "token")).current()

    assert current == ("me", "secret", "token", None)


async def test_nobody_knows_who_we_are(found):
    found(None)

    with pytest.raises(NoCredentialsError) as failed:
        await CredentialSource(None).current()

    assert not failed.value.retryable
    assert concern(failed.value) is Concern.IDENTITY


async def test_credentials_that_end_soon_are_renewed_in_a_thread(found):
    threads = []

    def renew():
        threads.append(threading.current_thread())
        return lent("second", timedelta(hours=1))

    found(
        RefreshableCredentials.create_from_metadata(
            lent("first", timedelta(minutes=5)), refresh_using=renew, method="role"
        )
    )
    source = CredentialSource(None)

    keys = [(await source.current()).access_key for _ in range(3)]

    assert keys == ["second"] * 3
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_credentials_that_cannot_be_renewed_are_an_error_of_ours(found):
    def fail():
        raise MetadataRetrievalError(error_msg="no answer")

    found(
        RefreshableCredentials.create_from_metadata(
            lent("first", timedelta(minutes=1)), refresh_using=fail, method="role"
        )
    )

    with pytest.raises(NoCredentialsError) as failed:
        await CredentialSource(None).current()

    assert failed.value.retryable


def test_a_secret_is_not_shown():
    assert "secret" not in repr(Keys("me", "secret", "secret"))
