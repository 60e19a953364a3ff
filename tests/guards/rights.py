"""Guards of what is whose: 2.8. That streams end with a sign-in is among those of sockets."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

TESTS = "tests/hostile/rights"
THEIRS = f"{TESTS}/test_ids.py::test_r1_anothers_id_is_answered_as_the_id_of_nothing"

GUARDS: Final = (
    Guard(
        "R1",
        "whose an image is",
        "models/image.py",
        'mine = {"_id": image_id, "owner_id": owner_id}',
        'mine = {"_id": image_id}',
        (f"{THEIRS}[Query.image.id]",),
    ),
    Guard(
        "R1",
        "whose some images are",
        "models/image.py",
        'mine = {"_id": {"$in": list(image_ids)}, "owner_id": owner_id}',
        'mine = {"_id": {"$in": list(image_ids)}}',
        (f"{THEIRS}[Query.nodes.ids]",),
    ),
    Guard(
        "R1",
        "whose an image is that is described",
        "models/image.py",
        'cls.find_one({"_id": image_id, "owner_id": owner_id}, session=transaction)',
        'cls.find_one({"_id": image_id}, session=transaction)',
        (f"{THEIRS}[Mutation.updateImage.input.id]",),
    ),
    Guard(
        "R1",
        "whose an image is that is thrown away",
        "models/shelves.py",
        '"owner_id": owner_id, "shelf": {"$ne": Shelf.TRASH}}',
        '"shelf": {"$ne": Shelf.TRASH}}',
        (f"{THEIRS}[Mutation.deleteImage.input.id]",),
    ),
    Guard(
        "R1",
        "whose a batch is",
        "models/batch.py",
        'cls.find_one({"_id": batch_id, "owner_id": owner_id}, session=transaction)',
        'cls.find_one({"_id": batch_id}, session=transaction)',
        (f"{THEIRS}[Query.batch.id]",),
    ),
    Guard(
        "R1",
        "whose products and items are",
        "models/listing.py",
        'mine = {"_id": {"$in": list(document_ids)}, "owner_id": owner_id}',
        'mine = {"_id": {"$in": list(document_ids)}}',
        (f"{THEIRS}[Query.product.id]",),
    ),
    Guard(
        "R1",
        "whose a staged upload is",
        "models/staged_upload.py",
        'cls.find_one({"_id": stage_id, "owner_id": owner_id, **_still_open()})',
        'cls.find_one({"_id": stage_id, **_still_open()})',
        (f"{THEIRS}[Mutation.completeStagedUpload.input.id]",),
    ),
    Guard(
        "R2",
        "who asks for an owner's things",
        "resolvers/context.py",
        "        if self._viewer is None:\n            raise UnauthenticatedError\n",
        "        if self._viewer is None:\n            return PydanticObjectId()\n",
        (f"{TESTS}/test_nobody.py::test_r2_nobody_is_asked_to_sign_in[Query.gallery]",),
    ),
    Guard(
        "R3",
        "whose a gallery is",
        "models/gallery.py",
        'return [{"owner_id": self.owner_id}, *self.filter.conditions()]',
        "return self.filter.conditions()",
        (f"{TESTS}/test_lists.py::test_r3_a_list_has_nothing_of_anothers[Query.gallery]",),
    ),
    Guard(
        "R3",
        "whose a list of batches is",
        "models/batch_lists.py",
        '    conditions: dict[str, Any] = {"owner_id": owner_id}\n    return',
        "    conditions: dict[str, Any] = {}\n    return",
        (f"{TESTS}/test_lists.py::test_r3_a_list_has_nothing_of_anothers[Query.batches]",),
    ),
    Guard(
        "R3",
        "whose a list of products is",
        "models/batch_lists.py",
        '    conditions: dict[str, Any] = {"owner_id": owner_id}\n    departed',
        "    conditions: dict[str, Any] = {}\n    departed",
        (f"{TESTS}/test_lists.py::test_r3_a_list_has_nothing_of_anothers[Query.products]",),
    ),
    Guard(
        "R4",
        "whose the changes of a gallery are",
        "processing/gallery_changes.py",
        "due = [change for change in behind if change.owner_id == owner_id][::-1]",
        "due = list(behind)[::-1]",
        ("tests/processing/test_gallery_changes.py::test_anothers_changes_are_not_told",),
    ),
    Guard(
        "R5",
        "whose an idempotency key is",
        "processing/idempotency.py",
        "return _digest([str(self.viewer_id), self.mutation, self.key])",
        "return _digest([self.mutation, self.key])",
        (
            f"{TESTS}/test_keys.py::test_r5_anothers_key_is_as_free_as_any[Mutation.uploadImage.input.idempotencyKey]",
        ),
    ),
    Guard(
        "R6",
        "the signature of an address",
        "delivery/signing.py",
        "if str(end) != expires or not hmac.compare_digest(\n"
        '            self._signature(path, end).encode(), signature.encode(errors="replace")\n'
        "        ):",
        "if str(end) != expires or not signature or not path:",
        (f"{TESTS}/test_addresses.py::test_r6_another_key_signs_nothing",),
    ),
    Guard(
        "R6",
        "the one spelling of an end",
        "delivery/signing.py",
        "if str(end) != expires or not",
        "if not",
        (f"{TESTS}/test_addresses.py::test_r6_an_address_that_was_changed_opens_nothing[original]",),
    ),
    Guard(
        "R7",
        "the method of an address",
        "delivery/results.py",
        'methods=["GET", "HEAD"]',
        'methods=["GET", "HEAD", "POST"]',
        (f"{TESTS}/test_addresses.py::test_r7_an_address_is_for_one_method[csv]",),
    ),
    Guard(
        "R8",
        "the end of an address",
        "delivery/signing.py",
        "return left if left > 0 else None",
        "return max(left, 1)",
        (f"{TESTS}/test_addresses.py::test_r8_an_address_ends_on_its_second",),
    ),
    Guard(
        "R8",
        "the end of a stage with what was taken in",
        "models/staged_upload.py",
        'cls.find_one({"_id": stage_id, **_still_open()})',
        'cls.find_one({"_id": stage_id})',
        (f"{TESTS}/test_addresses.py::test_r8_a_staged_upload_is_taken_in_once",),
    ),
    Guard(
        "R9",
        "the look whether an image is still there",
        "delivery/images.py",
        'image = await naming.find(asked.parameters["image_id"], asked.parameters["version"])',
        'seen, key = self.__dict__.setdefault("seen", {}), asked.parameters["image_id"]\n'
        '            image = seen[key] = seen.get(key) or await naming.find(key, asked.parameters["version"])',
        (f"{TESTS}/test_deletion.py::test_r9_a_deleted_image_is_gone_at_once_everywhere",),
    ),
    Guard(
        "R10",
        "the signature before a look",
        "delivery/images.py",
        "        if seconds_left is None:\n            return refusal(403,",
        "        if seconds_left is NotImplemented:\n            return refusal(403,",
        (f"{TESTS}/test_routes.py::test_r10_without_a_signature_nothing_is_looked_up",),
    ),
    Guard(
        "R10",
        "the token of the metrics",
        "metrics/endpoint.py",
        "return self._expected is None or compare_digest(sent, self._expected)",
        "return self._expected is None or compare_digest(sent, sent)",
        (f"{TESTS}/test_routes.py::test_r10_a_token_of_the_metrics_is_asked_for_whole",),
    ),
)
