"""`GET /metrics`: what the process counts, as Prometheus reads it. The rooms count; this one only asks them."""
