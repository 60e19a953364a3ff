"""What an upload's bytes are, found while they stream past: type, size, frames, or a refusal."""

from processing.probe.base import Limits, Probed
from processing.probe.probe import INPUT_MEDIA_TYPES, Probe

__all__ = ["INPUT_MEDIA_TYPES", "Limits", "Probe", "Probed"]
