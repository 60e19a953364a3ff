"""Traces for OpenTelemetry: a span for each request, operation, attempt at work and call of storage. Not imported without a collector."""
