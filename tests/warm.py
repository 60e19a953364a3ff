"""What an API process imports only once it is at work, so that who is forked has it; no adapter and no codec."""

import uvicorn.lifespan.on
import uvicorn.loops.asyncio

__all__ = ["uvicorn"]
