"""Guards of staged uploads on their way in: signatures, sizes and checksums (2.3, 2.8)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

ADDRESSES: Final = "tests/hostile/rights/test_addresses.py"
DOOR: Final = "tests/acceptance/test_staged_door.py"
COMPLETING: Final = "tests/processing/staging/test_completing.py"
SWEEPING: Final = "tests/processing/staging/test_sweeping.py"

STAGED: Final = (
    Guard(
        "R10",
        "a place for bytes is signed",
        "delivery/staged.py",
        "        if not self._signer.seconds_left(",
        "        if not (lambda *_: 1)(",
        (f"{DOOR}::test_an_address_that_was_changed_is_refused_and_keeps_nothing",),
    ),
    Guard(
        "M18",
        "no more bytes come in than were declared",
        "delivery/staged.py",
        "        body.allow(stage.size_bytes)\n",
        "",
        (f"{DOOR}::test_bytes_whose_number_is_not_announced_are_counted",),
    ),
    Guard(
        "M18",
        "no fewer bytes come in than were declared",
        "delivery/staged.py",
        "    if received_bytes < size_bytes:",
        "    if False:",
        (f"{DOOR}::test_bytes_whose_number_is_not_announced_are_counted",),
    ),
    Guard(
        "M18",
        "the type is the one that was declared",
        "delivery/staged.py",
        "    if media_type != stage.media_type:",
        "    if False:",
        (f"{DOOR}::test_m18_other_than_what_was_declared_is_refused_and_the_place_stays_open",),
    ),
    Guard(
        "M18",
        "bytes are not packed",
        "delivery/staged.py",
        '    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":',
        "    if False:",
        (f"{DOOR}::test_m18_other_than_what_was_declared_is_refused_and_the_place_stays_open",),
    ),
    Guard(
        "M18",
        "the size is the one that was declared",
        "processing/inspection.py",
        "        if self.size_bytes != size_bytes:",
        "        if False:",
        (
            "tests/processing/test_inspection.py::test_m18_another_number_of_bytes_than_was_declared_is_refused",
        ),
    ),
    Guard(
        "M18",
        "the checksum is the one that was declared",
        "processing/inspection.py",
        "        if declared not in (None, checksum := self._checksum.hexdigest()):",
        "        if declared == (checksum := ()):",
        ("tests/processing/test_inspection.py::test_m18_bytes_of_another_sum_than_was_declared_are_refused",),
    ),
    Guard(
        "M18",
        "a body that stalls ends",
        "delivery/staged.py",
        'dict(request.scope["headers"]), timeout_seconds=self._stall_seconds)',
        'dict(request.scope["headers"]), timeout_seconds=3_600)',
        ("tests/delivery/test_staged.py::test_a_body_that_stalls_ends_and_leaves_nothing",),
    ),
    Guard(
        "M18",
        "a body that drips ends with its stage",
        "delivery/staged.py",
        "            async with asyncio.timeout(left_seconds):",
        "            async with asyncio.timeout(None):",
        ("tests/delivery/test_staged.py::test_a_body_that_drips_ends_when_the_time_of_its_stage_is_over",),
    ),
    Guard(
        "R8",
        "a staged upload is taken in once",
        "processing/staging.py",
        "        await StagedUpload.end(PydanticObjectId(self._stage.id), transaction)\n",
        "",
        (f"{ADDRESSES}::test_r8_a_staged_upload_is_taken_in_once",),
    ),
    Guard(
        "R8",
        "a stage ends with its answer or not at all",
        "processing/staging.py",
        "        await StagedUpload.end(PydanticObjectId(self._stage.id), transaction)\n",
        "        await StagedUpload.end(PydanticObjectId(self._stage.id))\n",
        (f"{COMPLETING}::test_whoever_was_signed_out_meanwhile_has_completed_nothing", COMPLETING),
    ),
    Guard(
        "R8",
        "nothing is kept that comes while its stage ends",
        "processing/staging.py",
        "        if await StagedUpload.open_one(PydanticObjectId(stage.id)):",
        "        if True:",
        (f"{COMPLETING}::test_bytes_that_come_in_while_the_stage_ends_are_not_kept",),
    ),
    Guard(
        "R8",
        "a stage is over when its time is",
        "models/staged_upload.py",
        'return {"is_open": True, "expires_at": {"$gt": datetime.now(UTC)}}',
        'return {"is_open": True}',
        (f"{SWEEPING}::test_a_stage_that_has_expired_is_over_before_it_is_swept",),
    ),
    Guard(
        "R1",
        "a stage is completed by its owner alone",
        "models/staged_upload.py",
        '{"_id": stage_id, "owner_id": owner_id, **_still_open()}',
        '{"_id": stage_id, **_still_open()}',
        ("tests/hostile/rights/test_ids.py",),
    ),
    Guard(
        "M18",
        "places are bounded",
        "processing/staging.py",
        "        if await StagedUpload.count_open(owner_id) >= MOST_OPEN:",
        "        if False:",
        (f"{DOOR}::test_no_more_places_are_open_than_are_allowed",),
    ),
    Guard(
        "M18",
        "what is staged and never completed is swept",
        "processing/staging.py",
        "            await leftovers.remember(stage.owner_id, [stage.stored_at], queue, transaction)",
        "            pass",
        (f"{SWEEPING}::test_only_stages_whose_time_has_long_been_over_are_swept_with_what_lies_there",),
    ),
    Guard(
        "M18",
        "a client's own upload to S3 has the size that was declared",
        "storage/s3/adapter.py",
        '"Content-Length": str(size_bytes), ',
        "",
        ("tests/storage/s3/test_s3_signatures.py::test_a_client_cannot_put_more_or_less",),
    ),
)

GUARDS: Final = (*STAGED,)
