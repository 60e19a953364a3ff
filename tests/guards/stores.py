"""Guards against providers and a MongoDB that break (2.9)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

S3: Final = "tests/storage/s3/test_s3_faults.py"
PROVIDERS: Final = "tests/faults/test_providers.py"
OUTAGES: Final = "tests/faults/test_outages.py"
INGEST: Final = "tests/processing/test_ingest.py"
ITEM: Final = "tests/processing/test_item.py"
STRAYS: Final = "tests/processing/storages/test_strays.py"

PROVIDER: Final = (
    Guard(
        "X1",
        "what may pass is tried again",
        "storage/s3/wire.py",
        "            for pause_seconds in PAUSES_SECONDS:",
        "            for pause_seconds in ():",
        (f"{S3}::test_what_may_pass_is_tried_again",),
    ),
    Guard(
        "X1",
        "what cannot pass is not tried again",
        "storage/s3/wire.py",
        "                    if not error.retryable:\n                        raise\n",
        "                    error.retryable  # noqa: B018\n",
        (f"{PROVIDERS}::test_x1_a_refusal_that_will_not_pass_is_not_tried_again",),
    ),
    Guard(
        "X1",
        "all attempts together have an end",
        "storage/s3/wire.py",
        "        async with asyncio.timeout(within_seconds):\n            for",
        "        async with asyncio.timeout(None):\n            for",
        (f"{S3}::test_all_attempts_together_have_an_end",),
    ),
    Guard(
        "X1",
        "silence is borne for a while",
        "storage/s3/connection.py",
        "        async with asyncio.timeout(silence_seconds):\n            while not incoming.has_begun:",
        "        async with asyncio.timeout(None):\n            while not incoming.has_begun:",
        ("tests/storage/s3/connections/test_connections.py::test_silence_is_borne_for_a_while",),
    ),
    Guard(
        "X1",
        "an object whose answer was lost is taken back",
        "storage/s3/writing.py",
        "                await to_its_end(self._take_back())",
        "                pass",
        (f"{S3}::test_a_put_whose_answers_were_all_lost_is_taken_back",),
    ),
    Guard(
        "X1",
        "only what this put has made is taken back",
        "storage/s3/writing.py",
        "        return found.headers.get(MARK) == self._mark",
        "        return True",
        (f"{S3}::test_a_put_that_failed_leaves_what_was_there_before",),
    ),
    Guard(
        "X1",
        "parts of an upload that failed are taken back",
        "storage/s3/writing.py",
        "            await to_its_end(self._abort(upload))\n",
        "",
        (f"{S3}::test_a_part_that_never_arrives_ends_the_upload",),
    ),
    Guard(
        "X1",
        "bytes that arrived are compared with those that were sent",
        "storage/s3/checksums.py",
        "        if answer.headers.get(name, checksum) != checksum:",
        "        if False:",
        (f"{S3}::test_other_bytes_than_were_sent_are_noticed_and_not_kept",),
    ),
    Guard(
        "X1",
        "a download of a provider that is down is refused plainly",
        "delivery/images.py",
        "        except StorageError as error:",
        "        except ZeroDivisionError as error:",
        (f"{OUTAGES}::test_x1_a_download_is_refused_without_a_trace_while_the_provider",),
    ),
    Guard(
        "X2",
        "bytes of an upload that surely failed are deleted",
        "processing/ingest.py",
        "        except Exception:\n            await self._discard(owner_id, received)\n",
        "        except Exception:\n",
        (f"{INGEST}::test_a_failure_to_publish_leaves_nothing",),
    ),
    Guard(
        "X2 X4",
        "bytes that may have a document are kept",
        "processing/ingest.py",
        "        except OutcomeUnknownError:  # there may be a document now: stray bytes are better than none\n"
        "            raise\n",
        "",
        (f"{INGEST}::test_bytes_stay_when_nobody_knows_whether_their_document_does",),
    ),
    Guard(
        "X2",
        "what the provider does not delete is remembered",
        "processing/leftovers.py",
        "        await transactions.run(lambda transaction: remember(owner_id, [stored_at], queue, transaction))",
        "        str(stored_at)",
        ("tests/processing/test_leftovers.py::test_what_is_not_deleted_at_once_is_deleted_later",),
    ),
    Guard(
        "X2",
        "a deletion is remembered with what makes it needed",
        "processing/upkeep.py",
        "    await queue.publish([purge], transaction)\n",
        "    await queue.publish([purge], None)\n",
        ("tests/processing/test_upkeep.py::test_nothing_is_forgotten_unless_its_purge_is_remembered",),
    ),
    Guard(
        "X2",
        "what is younger than the grace is no stray",
        "processing/reconcile.py",
        "        if lying.stored.written_at >= self._stray_before or _names(stop.holding, at):",
        "        if _names(stop.holding, at):",
        (f"{STRAYS}::test_what_is_younger_than_the_grace_stays",),
    ),
    Guard(
        "X2",
        "what a document names is no stray",
        "processing/reconcile.py",
        "        if not _names(await holdings.look(PydanticObjectId(stop.image_id)), at):",
        "        if True:",
        (f"{STRAYS}::test_uploads_and_developments_under_way_keep_all_they_have_stored",),
    ),
    Guard(
        "X13",
        "readiness has an end",
        "resources.py",
        "                async with asyncio.timeout_at(end):",
        "                async with asyncio.timeout_at(None):",
        ("tests/faults/test_wire.py::test_x13_while_mongodb_is_slow_readiness_says_so_and_requests_end",),
    ),
    Guard(
        "X13",
        "readiness asks the storage",
        "resources.py",
        '            "storage": self.storages.current.check,\n',
        "",
        (f"{OUTAGES}::test_x13_readiness_says_so_and_the_process_stays_alive_while_the_provider",),
    ),
)

MONGODB: Final = (
    Guard(
        "X3",
        "a stream that was lost is opened again where it was lost",
        "models/feed.py",
        "        async with opened(self._documents, await self.place()) as stream:",
        "        async with opened(self._documents, await settled(self._documents)) as stream:",
        ("tests/processing/test_gallery_changes.py::test_what_comes_while_the_stream_is_down_is_told",),
    ),
    Guard(
        "X3",
        "a stream that was lost is opened again",
        "models/feed.py",
        "                await asyncio.sleep(REOPEN_AFTER_SECONDS)",
        "                return",
        ("tests/processing/test_gallery_changes.py::test_what_comes_while_the_stream_is_down_is_told",),
    ),
    Guard(
        "X3",
        "what a failover could undo is not acknowledged",
        "processing/ingest.py",
        "    return await transactions.run(look)",
        "    return await look(None)",
        (f"{INGEST}::test_a_duplicate_of_what_may_still_be_undone_is_not_acknowledged",),
    ),
    Guard(
        "X3",
        "bytes stay while a failover could bring their document back",
        "processing/item.py",
        "            if not await Image.is_gone(item.subject_id):",
        "            if False:",
        (f"{ITEM}::test_bytes_stay_while_a_failover_could_bring_their_document_back",),
    ),
    Guard(
        "X3 X4",
        "a transaction that met with an election is tried again",
        "models/transactions.py",
        "            return await session.with_transaction(\n"
        '                work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")\n'
        "            )",
        "            async with await session.start_transaction():\n                return await work(session)",
        ("tests/processing/test_ingest.py", "tests/processing/test_upkeep_at_once.py"),
    ),
    Guard(
        "X4",
        "that the outcome is unknown is known",
        "models/transactions.py",
        '        if error.has_error_label("UnknownTransactionCommitResult"):',
        "        if False:",
        ("tests/models/test_transactions.py",),
    ),
    Guard(
        "X4",
        "a group whose outcome is unknown is not tried again one by one",
        "group_commit.py",
        "            if len(group) == 1 or cannot_be_tried_again:",
        "            if len(group) == 1:",
        ("tests/test_group_commit.py::test_a_group_whose_outcome_nobody_knows_is_not_tried_again",),
    ),
)

GUARDS: Final = (*PROVIDER, *MONGODB)
