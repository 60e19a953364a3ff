"""Guards of pictures: where they are decoded, and what is made and told of them (2.4)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

PROBE: Final = "tests/processing/probe"
DEVELOP: Final = "tests/processing/test_develop.py"
RENDER: Final = "tests/processing/test_render.py"
METADATA: Final = "tests/processing/test_metadata.py"
UPRIGHT: Final = "tests/processing/test_upright.py"
POOL_FAULTS: Final = "tests/processing/codec/test_pool_faults.py"

CHILD: Final = (
    Guard(
        "I6 I12",
        "a child's processor time is bounded",
        "processing/codec/child.py",
        "        signal.setitimer(signal.ITIMER_PROF, job.cpu_seconds)",
        "        signal.setitimer(signal.ITIMER_PROF, 0)",
        (f"{POOL_FAULTS}::test_an_endless_loop_ends_with_its_processor_time",),
    ),
    Guard(
        "I6 I12",
        "a picture's processor time is its own",
        "processing/codec/child.py",
        "        signal.setitimer(signal.ITIMER_PROF, job.cpu_seconds)",
        "        signal.setitimer(signal.ITIMER_PROF, max(1e-3, job.cpu_seconds - sum(os.times()[:2])))",
        (f"{POOL_FAULTS}::test_processor_time_is_given_to_each_image_anew",),
    ),
    Guard(
        "I6 X10",
        "a child's memory is bounded",
        "processing/codec/child.py",
        "            resource.setrlimit(resource.RLIMIT_AS, (at_birth_bytes + job.memory_bytes, most_bytes))",
        "            pass",
        (f"{POOL_FAULTS}::test_x10_gigabytes_are_refused_and_the_process_lives",),
    ),
    Guard(
        "I12",
        "a child that is silent is killed",
        "processing/codec/pool.py",
        "            async with asyncio.timeout(wall_seconds):",
        "            async with asyncio.timeout(None):",
        (f"{POOL_FAULTS}::test_what_hangs_is_killed",),
    ),
    Guard(
        "I6",
        "large pictures are not decoded together",
        "processing/codec/admission.py",
        "and self._waiting[0][0] <= self._pixels:",
        "and self._waiting:",
        (
            "tests/processing/codec/test_pool.py::test_two_pictures_of_fifty_megapixels_are_not_in_processes_together",
        ),
    ),
    Guard(
        "I12",
        "a crash is the picture's own, and another child takes the next",
        "processing/codec/endings.py",
        "if status in (None, -signal.SIGKILL):",
        "if status is None or status < 0:",
        (f"{POOL_FAULTS}::test_x7_a_crash_fails_its_image_and_no_other",),
    ),
    Guard(
        "I12",
        "a picture that kills its decoder is told by a code",
        "processing/decoding.py",
        'endings.CRASHED.code: ("DECODE_CRASH",',
        'endings.CRASHED.code: ("CORRUPT_IMAGE",',
        (
            "tests/processing/codec/test_orders.py::test_i12_a_picture_that_kills_its_decoder_fails_with_a_code_and_harms_no_other",
        ),
    ),
    Guard(
        "I12",
        "whoever has given up is given no other picture",
        "processing/codec/pool.py",
        "        if said.is_last:",
        "        if False:",
        (f"{POOL_FAULTS}::test_a_process_that_gives_up_is_not_given_another_image_while_it_is_dying",),
    ),
    Guard(
        "I12",
        "a child cannot change what it is given",
        "processing/codec/memory.py",
        "UNCHANGING: Final = 0x2 | 0x4 | 0x8",
        "UNCHANGING: Final = 0x2 | 0x4",
        (
            "tests/processing/codec/test_pool.py::test_an_image_cannot_be_changed_by_the_process_that_reads_it",
        ),
    ),
    Guard(
        "I12",
        "children know no setting",
        "processing/codec/nursery.py",
        "env=kept | ALONE | ",
        "env=dict(os.environ) | ALONE | ",
        ("tests/processing/codec/test_pool.py::test_a_process_knows_no_setting_of_the_worker",),
    ),
    Guard(
        "I8 F16",
        "libvips has an allow-list of loaders",
        "processing/vips.py",
        '    pyvips.operation_block_set("VipsForeignLoad", state=True)\n',
        "",
        (f"{DEVELOP}::test_what_does_not_decode_is_a_decode_error",),
    ),
)

MADE: Final = (
    Guard(
        "I2",
        "derived bytes carry only what is allowed",
        "processing/metadata.py",
        "        if field not in _ANIMATION_FIELDS and field not in allowed:",
        "        if False:",
        (f"{METADATA}::test_under_strip_all_nothing_is_told",),
    ),
    Guard(
        "I2",
        "no place is left where places may not stay",
        "processing/metadata.py",
        "        return dict(exif.harmless(image))",
        "        return exif.all_but_thumbnail(image)",
        (f"{METADATA}::test_under_strip_gps_camera_and_time_are_told_and_no_place",),
    ),
    Guard(
        "I2",
        "the thumbnail of the EXIF goes",
        "processing/metadata.py",
        "        if field not in _ANIMATION_FIELDS and field not in allowed:",
        "        if field not in (*_ANIMATION_FIELDS, *allowed, _THUMBNAIL):",
        (f"{METADATA}::test_i2_under_keep_exif_and_xmp_stay_and_the_thumbnail_goes",),
    ),
    Guard(
        "I2",
        "a PNG that is kept as it is says nothing",
        "processing/codec/kept.py",
        "elif keeps_all or name in _PNG_CHUNKS or not name[0] & _LOWER_CASE:",
        "elif True:",
        ("tests/processing/codec/test_kept.py::test_nothing_is_told",),
    ),
    Guard(
        "I2",
        "a WebP that is kept as it is says nothing",
        "processing/codec/kept.py",
        "for name, body in chunks if name in _WEBP_CHUNKS]",
        "for name, body in chunks]",
        ("tests/processing/codec/test_kept.py::test_nothing_is_told",),
    ),
    Guard(
        "I2",
        "a GIF that is kept as it is says nothing",
        "processing/codec/kept.py",
        "if keeps_all or kind == _GIF_FRAME or _is_needed(content, at):",
        "if True:",
        ("tests/processing/codec/test_kept.py::test_nothing_is_told",),
    ),
    Guard(
        "I2 I7",
        "a JPEG that is kept as it is says nothing",
        "processing/codec/jpeg/cutting.py",
        "for piece in pieces if not piece.is_metadata)",
        "for piece in pieces)",
        ("tests/processing/codec/test_kept.py::test_nothing_is_told",),
    ),
    Guard(
        "I7",
        "what follows a GIF's end does not come along",
        "processing/codec/kept.py",
        "    yield content[at : at + 1]",
        "    yield content[at:]",
        ("tests/processing/codec/test_kept.py",),
    ),
    Guard(
        "I3",
        "a picture is turned upright",
        "processing/develop.py",
        "            no_rotate=original.is_animated,  # libvips would turn the column of frames\n"
        "            option_string=options,\n"
        "        )\n"
        "        return Decoded(with_upright_frames(image).copy_memory())",
        "            no_rotate=True,\n"
        "            option_string=options,\n"
        "        )\n"
        "        return Decoded(image.copy_memory())",
        (f"{UPRIGHT}::test_i3_a_picture_comes_out_upright_once",),
    ),
    Guard(
        "I3",
        "the frames of an animation are turned each by itself",
        "processing/develop.py",
        "[frame.autorot() for frame in image.pagesplit()]",
        "image.pagesplit()",
        (f"{UPRIGHT}::test_i3_each_frame_of_an_animation_comes_out_upright_once",),
    ),
    Guard(
        "I3",
        "an orientation that does not exist turns nothing",
        "processing/probe/orientation.py",
        "return value if UPRIGHT <= value <= _LAST_ORIENTATION else UPRIGHT",
        "return value",
        (
            f"{PROBE}/test_orientation.py",
            f"{UPRIGHT}::test_i3_an_orientation_that_does_not_exist_turns_nothing",
        ),
    ),
    Guard(
        "I3",
        "sides are those that are shown",
        "processing/probe/orientation.py",
        "if orientation >= _FIRST_SIDEWAYS else",
        "if False else",
        (f"{PROBE}/test_jpeg.py::test_the_sides_are_those_that_the_orientation_shows",),
    ),
    Guard(
        "I3",
        "what is kept of the metadata says that the picture is upright",
        "processing/metadata.py",
        r'packet = {_XMP: _XMP_ORIENTATION.sub(rb"\g<1>1", image.get(_XMP))}',
        "packet = {_XMP: image.get(_XMP)}",
        (f"{METADATA}::test_what_is_kept_says_that_the_picture_is_upright",),
    ),
    Guard(
        "I4",
        "presets are sRGB",
        "processing/develop.py",
        '            output_profile="srgb",\n',
        "",
        (f"{DEVELOP}::test_i4_wide_colours_come_out_as_they_were_in_srgb",),
    ),
    Guard(
        "I4",
        "variants are sRGB",
        "processing/render.py",
        '        output_profile="srgb",\n',
        "",
        (f"{RENDER}::test_i4_wide_colours_come_out_as_they_were_in_srgb",),
    ),
    Guard(
        "I5",
        "an animation keeps its frames",
        "processing/develop.py",
        '        options += ",n=-1"',
        "        pass",
        (f"{DEVELOP}::test_i5_an_animation_keeps_its_frames_and_their_times",),
    ),
    Guard(
        "I5",
        "an animation keeps its times",
        "processing/metadata.py",
        '_ANIMATION_FIELDS: Final = frozenset(("page-height", "n-pages", "delay", "loop"))',
        '_ANIMATION_FIELDS: Final = frozenset(("page-height", "n-pages", "loop"))',
        (f"{DEVELOP}::test_i5_an_animation_keeps_its_frames_and_their_times",),
    ),
)

GUARDS: Final = (*CHILD, *MADE)
