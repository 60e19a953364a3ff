"""Shared subscriptions: an event is executed once for all who may see the same, and told each as fast as it reads."""

from engine.sharing.fanout import Fanout

__all__ = ["Fanout"]
