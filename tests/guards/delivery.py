"""Guards of what goes out, and of staged uploads on their way in: signatures, headers, ranges, sizes and checksums
(2.4, 2.8).
"""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

SIGNING: Final = "tests/delivery/test_signing.py"
RANGES: Final = "tests/delivery/test_ranges.py"
SERVED: Final = "tests/hostile/files/test_served.py"
ADDRESSES: Final = "tests/hostile/rights/test_addresses.py"
ROUTES: Final = "tests/hostile/rights/test_routes.py"
DELETION: Final = "tests/hostile/rights/test_deletion.py"
DOOR: Final = "tests/acceptance/test_staged_door.py"
DELIVERY: Final = "tests/acceptance/test_delivery.py"
STAGING: Final = "tests/processing/test_staging.py"
ATTACHMENT: Final = (
    f"{SERVED}::test_i7_what_is_served_as_it_came_is_an_attachment_of_the_sniffed_type_in_a_sandbox"
)

HEADERS: Final = (
    Guard(
        "I7",
        "nothing is sniffed by a browser",
        "delivery/sending.py",
        '    "X-Content-Type-Options": "nosniff",\n',
        "",
        (ATTACHMENT,),
    ),
    Guard(
        "I7",
        "what is served has a policy",
        "delivery/sending.py",
        '    "Content-Security-Policy": "default-src \'none\'; sandbox",\n',
        "",
        (ATTACHMENT,),
    ),
    Guard(
        "I7",
        "an original is an attachment",
        "delivery/naming.py",
        'disposition = f"attachment; ',
        'disposition = f"inline; ',
        (ATTACHMENT,),
    ),
    Guard(
        "I7",
        "a link of S3's gives an attachment of the sniffed type",
        "storage/s3/adapter.py",
        'f"attachment; filename*=',
        'f"inline; filename*=',
        ("tests/storage/s3/test_s3_signatures.py::test_a_link_gives_the_bytes_as_an_attachment",),
    ),
)

SIGNATURES: Final = (
    Guard(
        "R6 R10",
        "a signature is compared",
        "delivery/signing.py",
        "if str(end) != expires or not hmac.compare_digest(",
        "if str(end) != expires or not (lambda *_: True)(",
        (f"{SIGNING}::test_another_secret_signs_other_addresses",),
    ),
    Guard(
        "R6",
        "the path is signed",
        "delivery/signing.py",
        'inner.update(f"{path}\\n{expires}".encode())',
        'inner.update(f"{expires}".encode())',
        (f"{ADDRESSES}::test_r6_ones_own_signature_opens_nothing_of_anothers",),
    ),
    Guard(
        "R6",
        "the end is signed",
        "delivery/signing.py",
        'inner.update(f"{path}\\n{expires}".encode())',
        'inner.update(f"{path}".encode())',
        (f"{ADDRESSES}::test_r6_an_address_that_was_changed_opens_nothing",),
    ),
    Guard(
        "R6",
        "an end is written in one way",
        "delivery/signing.py",
        "if str(end) != expires or not",
        "if not",
        (f"{SIGNING}::test_r6_an_end_is_written_in_one_way",),
    ),
    Guard(
        "R6",
        "an end is a number",
        "delivery/signing.py",
        "        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):",
        "        if not expires:",
        (f"{SIGNING}::test_an_end_that_is_no_plain_number_is_refused",),
    ),
    Guard(
        "R6",
        "the service's secret signs",
        "delivery/signing.py",
        "        key = hmac.digest(secret.encode(), b",
        '        key = hmac.digest(b"", b',
        (f"{SIGNING}::test_another_secret_signs_other_addresses",),
    ),
    Guard(
        "R8",
        "an address ends",
        "delivery/signing.py",
        "        return left if left > 0 else None",
        "        return max(left, 1)",
        (f"{SIGNING}::test_an_address_works_for_its_lifetime_and_not_for_half_as_long_again",),
    ),
    Guard(
        "R8",
        "caches keep no longer than the address is good",
        "delivery/images.py",
        "max-age={self.seconds_left}, immutable",
        "max-age=31536000, immutable",
        (f"{ADDRESSES}::test_r8_a_picture_can_be_cached_no_longer_than_its_address_is_good",),
    ),
    Guard(
        "R8",
        "an address that ends is kept by its owner's cache alone",
        "delivery/images.py",
        'visibility = "public" if self.has_no_end else "private"',
        'visibility = "public"',
        ("tests/delivery/test_images.py::test_an_address_that_ends_is_kept_by_its_owners_cache_only",),
    ),
    Guard(
        "R7",
        "an image's address is for reading",
        "delivery/images.py",
        'self.answer, methods=["GET", "HEAD"])',
        'self.answer, methods=["GET", "HEAD", "POST", "PUT", "DELETE"])',
        (f"{ADDRESSES}::test_r7_an_address_is_for_one_method",),
    ),
    Guard(
        "R10",
        "results are signed",
        "delivery/results.py",
        '        if self._signer.seconds_left(request.scope["path"], expires, signature) is None:',
        "        if False:",
        ("tests/delivery/test_results.py::test_a_changed_or_unknown_address_is_refused",),
    ),
    Guard(
        "R10",
        "an image is signed",
        "delivery/images.py",
        "        if seconds_left is None:\n",
        "        seconds_left = seconds_left or 1\n        if False:\n",
        (f"{ROUTES}::test_r10_without_a_signature_nothing_is_looked_up",),
    ),
    Guard(
        "R9",
        "an address is for one original and one policy",
        "delivery/naming.py",
        "    return image if image and _version(image) == version else None",
        "    return image",
        ("tests/acceptance/test_replace.py::test_old_addresses_lead_nowhere_and_the_old_bytes_are_deleted",),
    ),
)

RANGED: Final = (
    Guard(
        "I7",
        "a range is cut to the object",
        "delivery/ranges.py",
        "min(int(last) + 1, size_bytes) if last else size_bytes",
        "int(last) + 1 if last else size_bytes",
        (f"{RANGES}::test_a_range_is_cut_to_the_object",),
    ),
    Guard(
        "I7",
        "the end of an object may be asked for with more than it has",
        "delivery/ranges.py",
        "ByteRange(max(size_bytes - int(last), 0), size_bytes)",
        "ByteRange(size_bytes - int(last), size_bytes)",
        (f"{RANGES}::test_a_range_is_cut_to_the_object",),
    ),
    Guard(
        "I7",
        "a range behind the end is refused",
        "delivery/ranges.py",
        "    if wanted.start >= wanted.end:",
        "    if False:",
        (f"{RANGES}::test_a_range_of_which_nothing_exists_is_unsatisfiable",),
    ),
    Guard(
        "I7",
        "a range of other bytes gives everything",
        "delivery/sending.py",
        ' or request.headers.get("if-range", wanted.etag) != wanted.etag:',
        ":",
        (f"{DELIVERY}::test_a_range_of_other_bytes_gives_everything",),
    ),
)

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
        "        if False:",
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
        (f"{STAGING}::test_whoever_was_signed_out_meanwhile_has_completed_nothing", f"{STAGING}"),
    ),
    Guard(
        "R8",
        "nothing is kept that comes while its stage ends",
        "processing/staging.py",
        "        if await StagedUpload.open_one(PydanticObjectId(stage.id)):",
        "        if True:",
        (f"{STAGING}::test_bytes_that_come_in_while_the_stage_ends_are_not_kept",),
    ),
    Guard(
        "R8",
        "a stage is over when its time is",
        "models/staged_upload.py",
        'return {"is_open": True, "expires_at": {"$gt": datetime.now(UTC)}}',
        'return {"is_open": True}',
        (f"{STAGING}::test_a_stage_that_has_expired_is_over_before_it_is_swept",),
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
        (f"{STAGING}::test_only_stages_whose_time_has_long_been_over_are_swept_with_what_lies_there",),
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

GUARDS: Final = (*HEADERS, *SIGNATURES, *RANGED, *STAGED)
