"""Guards of processes, disks, clocks and releases (2.9)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

RUNNER: Final = "tests/processing/test_runner.py"
STOPPING: Final = "tests/faults/test_stopping.py"
FILES: Final = "tests/storage/filesystem/test_filesystem.py"
RELEASES: Final = "tests/faults/test_releases.py"
CLOCKS: Final = "tests/faults/test_clocks.py"

PROCESSES: Final = (
    Guard(
        "X9",
        "a worker that stops hands back what it has in hand",
        "processing/runner.py",
        "                await self._queue.hand_back(leased)\n",
        "",
        (f"{RUNNER}::test_x9_work_in_hand_is_handed_back_when_the_grace_is_over",),
    ),
    Guard(
        "X9",
        "work in hand has time to end",
        "processing/runner.py",
        "            async with asyncio.timeout(grace_seconds):\n",
        "            async with asyncio.timeout(0):\n",
        (f"{RUNNER}::test_x9_work_in_hand_that_ends_within_the_grace_is_done",),
    ),
    Guard(
        "X9",
        "a process is gone soon after its grace",
        "stopping.py",
        "    os._exit(CUT_SHORT)",
        "    str(os)",
        (f"{STOPPING}::test_x9_processes_are_gone_soon_after_their_grace_while_mongodb_is_not_there",),
    ),
    Guard(
        "X9",
        "sockets are told of the stop",
        "server/__init__.py",
        "        await self._let_go()\n",
        "",
        (f"{STOPPING}::test_x9_uploads_end_in_one_of_two_ways_and_sockets_are_told_when_the_api_stops",),
    ),
    Guard(
        "X9",
        "uploads have time to end",
        "server/__init__.py",
        "timeout_graceful_shutdown=max(1, settings.shutdown_grace_seconds - CLOSING_RESERVE_SECONDS),",
        "timeout_graceful_shutdown=0,",
        (f"{STOPPING}::test_x9_uploads_end_in_one_of_two_ways_and_sockets_are_told_when_the_api_stops",),
    ),
    Guard(
        "X10",
        "a file that finds no room leaves nothing",
        "storage/filesystem.py",
        "            await self._run(draft.discard)\n",
        "            pass\n",
        (f"{FILES}::test_x10_a_disk_that_refuses_leaves_nothing",),
    ),
    Guard(
        "X10",
        "a full disk is worth another try",
        "storage/filesystem.py",
        '            raise StorageError("the disk is full", retryable=True) from error',
        '            raise StorageError("the disk is full", retryable=False) from error',
        (f"{FILES}::test_x10_a_disk_that_refuses_leaves_nothing",),
    ),
    Guard(
        "X10 X8",
        "bytes are durable before they have a name",
        "storage/drafts.py",
        "        os.fsync(descriptor)\n",
        "",
        (f"{FILES}::test_bytes_are_durable_before_their_name_and_names_before_put_returns",),
    ),
    Guard(
        "X10",
        "a quarter of the descriptors is left for what requests need",
        "server/__init__.py",
        "        max_connections=min(settings.max_connections, affordable),",
        "        max_connections=settings.max_connections,",
        (
            "tests/server/test_server.py::test_x10_a_quarter_of_the_descriptors_is_left_for_what_requests_need",
        ),
    ),
    Guard(
        "X11",
        "a token of an hour ahead is none yet",
        "auth.py",
        "LEEWAY = timedelta(seconds=5)",
        "LEEWAY = timedelta(hours=2)",
        (f"{CLOCKS}::test_x11_a_token_of_an_hour_ahead_is_none_and_one_of_an_hour_ago_is_as_old_as_it_says",),
    ),
    Guard(
        "X11",
        "dates of work are MongoDB's own",
        "models/work.py",
        '    return {"$add": [NOW, round(seconds * 1000)]}',
        '    return {"$add": [datetime.now(UTC), round(seconds * 1000)]}',
        ("tests/models/test_work.py::test_x11_dates_are_mongodbs_own_whatever_the_clock_here_says",),
    ),
    Guard(
        "X14",
        "work of a kind from the future waits for a newer worker",
        "processing/runner.py",
        "            await self._queue.retry(leased, FOR_OTHERS_DELAY_SECONDS)",
        "            await self._queue.acknowledge(leased)",
        (f"{RUNNER}::test_x14_work_of_a_kind_from_the_future_waits_for_a_newer_worker",),
    ),
    Guard(
        "X14",
        "fields that an older release did not write have defaults",
        "models/image.py",
        "    batch_ids: list[PydanticObjectId] = []",
        "    batch_ids: list[PydanticObjectId]",
        (
            f"{RELEASES}::test_x14_images_of_an_older_release_which_knew_fewer_fields_are_shown_changed_and_deleted",
        ),
    ),
    Guard(
        "X15",
        "a ledger that is not clean ends the campaign",
        "tests/faults/batches/ledger.py",
        "return not (self.lost or self.duplicated or self.orphaned or self.streams_with_holes)",
        "return True",
        ("tests/faults/batches/test_nemesis.py::test_x15_a_ledger_tells_whatever_was_broken",),
    ),
)

GUARDS: Final = (*PROCESSES,)
