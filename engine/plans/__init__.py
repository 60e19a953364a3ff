"""Compiled plans: an operation that comes again is turned into Python that does what graphql-core would do, and no more.

A plan covers what goes well. Whatever does not (an error, a null where none may be, a value of an unforeseen kind) is
completed by graphql-core from the root values that the plan has got, so that its answers are the answers.
"""

from engine.plans.cache import Plans

__all__ = ["Plans"]
