"""Bytes over plain HTTP: addresses that expire, and what lies behind them."""
