"""Queues of callers, their statistics and their agents."""
