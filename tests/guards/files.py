"""Guards of what comes in as a file: how it is sniffed, bounded and read to its end (2.4)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

PROBE: Final = "tests/processing/probe"
PROBING: Final = f"{PROBE}/test_probe.py"
DEVELOP: Final = "tests/processing/test_develop.py"
RENDER: Final = "tests/processing/test_render.py"

SNIFFING: Final = (
    Guard(
        "I1",
        "what is exactly as large as may be comes in",
        "processing/probe/base.py",
        "if pixels > self.max_pixels:",
        "if pixels >= self.max_pixels:",
        (f"{PROBING}::test_a_picture_at_the_pixel_limit_comes_in",),
    ),
    Guard(
        "I8 F16",
        "the format is told by the first bytes",
        "processing/probe/probe.py",
        "        if signature.match(head):",
        "        if head:",
        (f"{PROBE}/test_foreign.py",),
    ),
    Guard(
        "I8 F16",
        "SVG has a name by which it is refused",
        "processing/probe/foreign.py",
        'if name in (None, "application/xml") and text.startswith(b"<")',
        'if name in (None, "application/xml") and not text',
        (f"{PROBE}/test_foreign.py",),
    ),
    Guard(
        "I10",
        "the stored type is the one that the bytes have",
        "processing/inspection.py",
        "media_type=self.probed.media_type",
        'media_type=__import__("mimetypes").guess_type(filename)[0] or self.probed.media_type',
        (
            "tests/acceptance/test_uploads.py::test_i10_every_format_comes_in_and_is_developed_whatever_its_name_says",
        ),
    ),
    Guard(
        "I11",
        "only the owner's own image answers for the same bytes",
        "models/image.py",
        'same_bytes = {"owner_id": owner_id, "checksum_sha256": checksum_sha256, "answers_duplicates": True}',
        'same_bytes = {"checksum_sha256": checksum_sha256, "answers_duplicates": True}',
        ("tests/processing/test_ingest.py",),
    ),
    Guard(
        "I11",
        "the same bytes of one owner are one image, whoever comes first",
        "models/image.py",
        'IndexModel([*SAME_BYTES], unique=True, partialFilterExpression={"answers_duplicates": True})',
        'IndexModel([*SAME_BYTES], partialFilterExpression={"answers_duplicates": True})',
        ("tests/processing/test_ingest.py::test_a_duplicate_leaves_one_object_and_one_piece_of_work",),
    ),
)

LIMITS: Final = (
    Guard(
        "I6 F19",
        "pixels are bounded",
        "processing/probe/base.py",
        "if pixels > self.max_pixels:",
        "if False:",
        (f"{PROBING}::test_a_picture_one_pixel_above_the_limit_is_refused_with_the_limit",),
    ),
    Guard(
        "I6",
        "frames are bounded",
        "processing/probe/base.py",
        "most_frames = min(self.max_frames, FRAMES_TOGETHER",
        "most_frames = min(2**31, FRAMES_TOGETHER",
        (f"{PROBING}::test_an_animation_at_the_frame_limit_comes_in_and_one_frame_more_is_refused",),
    ),
    Guard(
        "I6 F18",
        "the pixels of all frames together are bounded",
        "processing/probe/base.py",
        "min(self.max_frames, FRAMES_TOGETHER * self.max_pixels // pixels)",
        "self.max_frames",
        (f"{PROBING}::test_all_frames_together_have_at_most_five_times_the_pixels_of_one",),
    ),
    Guard(
        "F19 I6",
        "a JPEG's size is looked at in its header",
        "processing/probe/jpeg.py",
        "            limits.check(*size)\n",
        "",
        (f"{PROBE}/test_jpeg.py::test_f19_a_header_that_announces_a_bomb_is_refused",),
    ),
    Guard(
        "I6",
        "a PNG's size is looked at in its header",
        "processing/probe/png.py",
        "    limits.check(width, height)\n",
        "",
        (f"{PROBING}::test_a_picture_one_pixel_above_the_limit_is_refused_with_the_limit",),
    ),
    Guard(
        "I6",
        "the frames of an animated PNG are counted",
        "processing/probe/png.py",
        "            limits.check(width, height, frame_count)\n",
        "",
        (f"{PROBE}/test_png.py::test_the_frames_of_an_animated_png_count",),
    ),
    Guard(
        "I6",
        "a WebP's canvas is looked at in its header",
        "processing/probe/webp.py",
        "    limits.check(*canvas)\n    frame_count",
        "    frame_count",
        (f"{PROBE}/test_webp.py::test_a_huge_canvas_is_refused",),
    ),
    Guard(
        "I6",
        "the frames of a WebP are counted",
        "processing/probe/webp.py",
        "            limits.check(*canvas, frame_count)\n",
        "",
        (f"{PROBING}::test_an_animation_at_the_frame_limit_comes_in_and_one_frame_more_is_refused",),
    ),
    Guard(
        "I6",
        "what lies on a WebP's canvas is as large as it says",
        "processing/probe/webp.py",
        "    if expected != found:",
        "    if False:",
        (f"{PROBE}/test_webp.py::test_a_picture_that_differs_from_its_canvas_or_frame_is_corrupt",),
    ),
    Guard(
        "I6",
        "the tracks of an AVIF are looked at",
        "processing/probe/avif.py",
        "            self._limits.check(width, height, frame_count if self._is_sequence else 1)",
        "            pass",
        (f"{PROBE}/test_avif.py::test_no_item_and_no_track_may_be_larger_than_the_limit",),
    ),
    Guard(
        "I6",
        "an AVIF's description has an end",
        "processing/probe/avif.py",
        "            if content_bytes > MAX_DESCRIPTION_BYTES:",
        "            if False:",
        (f"{PROBE}/test_avif.py",),
    ),
    Guard(
        "F18",
        "a GIF's screen counts",
        "processing/probe/gif.py",
        "    if width and height:\n        limits.check(width, height)\n",
        "    width = height = 0\n",
        (f"{PROBE}/test_gif.py::test_f18_a_huge_screen_is_refused_although_its_frame_is_small",),
    ),
    Guard(
        "F18",
        "the frames of a GIF are counted",
        "processing/probe/gif.py",
        "    limits.check(width_px, height_px, frame_count)",
        "    limits.check(width_px, height_px)",
        (f"{PROBE}/test_gif.py::test_f18_four_thousand_large_frames_are_refused",),
    ),
    Guard(
        "F18",
        "the space between a GIF's screen and its frames counts",
        "processing/probe/gif.py",
        "width, height = max(width, left + frame_width), max(height, top + frame_height)",
        "width, height = max(width, frame_width), max(height, frame_height)",
        (f"{PROBE}/test_gif.py::test_a_frame_far_outside_the_screen_counts_with_the_space_between",),
    ),
    Guard(
        "I6",
        "a JPEG's scans are bounded",
        "processing/probe/jpeg.py",
        "    if scan_count > MAX_SCANS:",
        "    if False:",
        (f"{PROBE}/test_jpeg.py::test_as_many_scans_as_libvips_reads_come_in_and_one_more_is_corrupt",),
    ),
    Guard(
        "I6",
        "a file has no more parts than a picture",
        "processing/probe/reader.py",
        "        if self._steps > MAX_STEPS:",
        "        if False:",
        (f"{PROBE}/test_png.py::test_many_empty_data_chunks_are_given_up_on",),
    ),
)

WHOLE: Final = (
    Guard(
        "F17",
        "a JPEG is read to its end marker",
        "processing/probe/jpeg.py",
        "            yield from reader.seek(markers.after_scan)",
        "            break",
        (f"{PROBING}::test_a_file_cut_short_anywhere_after_its_signature_is_corrupt",),
    ),
    Guard(
        "F17",
        "a PNG is read to its end marker",
        "processing/probe/png.py",
        "            has_data = True\n",
        "            has_data = True\n            break\n",
        (f"{PROBING}::test_a_file_cut_short_anywhere_after_its_signature_is_corrupt",),
    ),
    Guard(
        "F17",
        "a GIF is read to its trailer",
        "processing/probe/gif.py",
        "            yield from _skip_colour_table(reader, flags)\n        elif",
        "            break\n        elif",
        (f"{PROBING}::test_a_file_cut_short_anywhere_after_its_signature_is_corrupt",),
    ),
    Guard(
        "F17",
        "a WebP is read to its end",
        "processing/probe/webp.py",
        "    yield from reader.skip_to(end)\n    return probed",
        "    return probed",
        (f"{PROBING}::test_a_file_cut_short_anywhere_after_its_signature_is_corrupt",),
    ),
    Guard(
        "F17",
        "an AVIF has all of its picture",
        "processing/probe/avif.py",
        "    if not description.is_whole(reader.offset):",
        "    if False:",
        (f"{PROBE}/test_avif.py::test_an_extent_beyond_the_file_is_corrupt",),
    ),
    Guard(
        "F17",
        "presets are not made of what is damaged",
        "processing/develop.py",
        'options = "fail_on=error"',
        'options = "fail_on=none"',
        (f"{DEVELOP}::test_what_does_not_decode_is_a_decode_error",),
    ),
    Guard(
        "F17",
        "variants are not made of what is damaged",
        "processing/render.py",
        'return _thumbnail(content, size, "fail_on=error")',
        'return _thumbnail(content, size, "fail_on=none")',
        (f"{RENDER}::test_what_does_not_decode_is_a_decode_error",),
    ),
    Guard(
        "F17",
        "what is damaged is not made smaller",
        "processing/codec/libvips.py",
        'if is_film else "fail_on=error"',
        'if is_film else "fail_on=none"',
        ("tests/processing/codec/test_damage.py",),
    ),
)

GUARDS: Final = (*SNIFFING, *LIMITS, *WHOLE)
