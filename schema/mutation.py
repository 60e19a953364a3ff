"""What can be changed, noun by noun."""

from __future__ import annotations

import strawberry

from schema.account_mutations import AccountMutations
from schema.batch_mutations import BatchMutations
from schema.image_mutations import ImageMutations
from schema.session_mutations import SessionMutations
from schema.staged_mutations import StagedMutations


@strawberry.type(description="What can be changed. Each answers with what was done, or with a typed error.")
class Mutation(AccountMutations, SessionMutations, ImageMutations, StagedMutations, BatchMutations):
    pass
