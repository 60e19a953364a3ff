"""What an original says of itself, and what everything derived from it may still say.

Blocking: call in a thread. `encoded` is where derived bytes are made: no other module saves with libvips, and `kept`
alone decides what they carry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pyvips

from models.values import Details, MetadataPolicy, PrivacyReport
from processing import carriers, colorspace, exif, vips

MAX_REMOVED_TAGS: Final = 100

_XMP, _THUMBNAIL = "xmp-data", "jpeg-thumbnail-data"
_NAMED_FIELDS: Final = {
    _XMP: carriers.XMP,
    "iptc-data": "IPTC",
    "icc-profile-data": "ICCProfile",
    _THUMBNAIL: "Thumbnail",
}
_PNG_COMMENT: Final = re.compile(r"png-comment-\d+-(.*)", re.DOTALL)
_ANIMATION_FIELDS: Final = frozenset(("page-height", "n-pages", "delay", "loop"))
_TAGS_OF_THE_FILE: Final = frozenset(
    "Orientation XResolution YResolution ResolutionUnit YCbCrPositioning ExifVersion FlashpixVersion "  # noqa: SIM905
    "ComponentsConfiguration ColorSpace PixelXDimension PixelYDimension GPSVersionID".split()
)
"""They describe the file and nobody; libvips adds some of them where there were none."""

_KEEP_EXIF, _KEEP_XMP = 1, 2  # libvips' VipsForeignKeep
_XMP_PLACE: Final = re.compile(rb"GPS(?!Version)[A-Z]")
_XMP_ORIENTATION: Final = re.compile(rb"""(:Orientation(?:\s*=\s*["']|>)\s*)[2-8]""")


@dataclass(frozen=True)
class Metadata:
    """What was found in an original, and what becomes of it."""

    details: Details
    privacy: PrivacyReport


def read(content: bytes, frame_count: int, policy: MetadataPolicy) -> Metadata:
    """Looks at an original that has been decoded; no pixel is read again."""
    image = vips.opened(content)
    beside = list(carriers.found(content))
    removed = _names(image).union(name for name, _ in beside) - _names(kept(image, policy))
    details = Details(
        taken_at=exif.taken_at(image),
        camera_make=exif.make(image),
        camera_model=exif.model(image),
        orientation=exif.orientation(image),
        has_alpha=image.hasalpha(),
        frame_count=frame_count,
        color_space=colorspace.of(image),
    )
    removed_tags = sorted({exif.safe_text(name) for name in removed} - {""})[:MAX_REMOVED_TAGS]
    privacy = PrivacyReport(had_gps=_tells_a_place(image, beside), removed_tags=removed_tags, policy=policy)
    return Metadata(details, privacy)


def kept(image: Any, policy: MetadataPolicy) -> Any:
    """The image, which must be upright, with no more metadata than everything derived may carry.

    STRIP_ALL leaves nothing. STRIP_GPS has EXIF made anew of tags that cannot hold a place: nothing is copied, so what
    libvips does not know goes too. KEEP leaves EXIF and XMP. An embedded thumbnail never stays, as it is not upright,
    nor does IPTC, for which WebP has no room.
    """
    allowed = _allowed(image, policy)
    stripped = image.copy()
    for field in vips.fields(image):
        if field not in _ANIMATION_FIELDS and field not in allowed:
            vips.remove(stripped, field)
    for field, value in allowed.items():
        if field != exif.BLOCK:  # libvips would read it, and so bring all its tags back
            kind = pyvips.GValue.gstr_type if isinstance(value, str) else pyvips.GValue.blob_type
            stripped.set_type(kind, field, value)
    return stripped


def encoded(image: Any, suffix: str, policy: MetadataPolicy, **options: Any) -> bytes:
    """The bytes of an upright image with what the policy leaves.

    Args:
        image: Upright.
        suffix: Names the format, such as `.webp`.
        policy: What the bytes may say.
        options: Of libvips' saver, other than `keep`.
    """
    stripped = kept(image, policy)
    fields = vips.fields(stripped)
    keep = _KEEP_XMP * (_XMP in fields) + _KEEP_EXIF * any(map(exif.FIELD.fullmatch, fields))
    return bytes(stripped.write_to_buffer(suffix, keep=keep, **options))


def _allowed(image: Any, policy: MetadataPolicy) -> dict[str, Any]:
    if policy == MetadataPolicy.STRIP_ALL:
        return {}
    if policy == MetadataPolicy.STRIP_GPS:
        return dict(exif.harmless(image))
    packet = {_XMP: _XMP_ORIENTATION.sub(rb"\g<1>1", image.get(_XMP))} if image.get_typeof(_XMP) else {}
    return exif.all_but_thumbnail(image) | packet


def _names(image: Any) -> set[str]:
    """What libvips shows of the metadata, by the names of the tags, or of what carries them."""
    fields = vips.fields(image)
    of_file = (exif.THUMBNAIL, exif.INTEROPERABILITY)
    tags = {tag[2] for tag in map(exif.FIELD.fullmatch, fields) if tag and tag[1] not in of_file}
    comments = {comment[1] or carriers.COMMENT for comment in map(_PNG_COMMENT.fullmatch, fields) if comment}
    carried = {name for field, name in _NAMED_FIELDS.items() if field in fields}
    return tags - _TAGS_OF_THE_FILE | comments | carried


def _tells_a_place(image: Any, beside: Iterable[tuple[str, bytes]]) -> bool:
    """Whether EXIF or XMP has a position, be it the EXIF of the embedded thumbnail."""
    packets = [said for name, said in beside if name == carriers.XMP]
    packets.append(b"".join(said for name, said in beside if name == carriers.EXTENDED_XMP))
    if image.get_typeof(_XMP):
        packets.append(image.get(_XMP))
    if any(_XMP_PLACE.search(packet.replace(b"\0", b"")) for packet in packets):
        return True
    return _has_place_tags(image) or _thumbnail_tells_a_place(image)


def _has_place_tags(image: Any) -> bool:
    tags = (exif.FIELD.fullmatch(field) for field in vips.fields(image))
    return any(tag[1] == exif.PLACE and tag[2] not in _TAGS_OF_THE_FILE for tag in tags if tag)


def _thumbnail_tells_a_place(image: Any) -> bool:
    try:
        return bool(image.get_typeof(_THUMBNAIL)) and _has_place_tags(vips.opened(image.get(_THUMBNAIL)))
    except pyvips.Error:
        return False
