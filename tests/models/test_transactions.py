"""What a transaction says of its own end."""

from __future__ import annotations

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import AutoReconnect

from errors import OutcomeUnknownError
from models import transactions

pytestmark = pytest.mark.mongo


@pytest.mark.parametrize(
    ("label", "error"),
    [("UnknownTransactionCommitResult", OutcomeUnknownError), ("TransientTransactionError", AutoReconnect)],
)
async def test_x4_only_a_commit_that_was_not_answered_has_an_unknown_outcome(
    database, monkeypatch, label, error
):
    async def broken_off(*_, **__):
        lost = AutoReconnect("the connection was closed")
        lost._add_error_label(label)
        raise lost

    monkeypatch.setattr(AsyncClientSession, "with_transaction", broken_off)

    with pytest.raises(error):
        await transactions.run(None)
