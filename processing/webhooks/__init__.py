"""Telling others' servers, as Standard Webhooks says: https://www.standardwebhooks.com."""
