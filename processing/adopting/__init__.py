"""Takes over what other systems kept: each picture through the one entrance, each once."""

from processing.adopting.adopter import Adopted, Adopter
from processing.adopting.base import Item, ItemUnreadableError, Source

__all__ = ["Adopted", "Adopter", "Item", "ItemUnreadableError", "Source"]
