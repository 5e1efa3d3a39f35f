"""Connections that vendors keep open for us, thousands a process, shared out among processes (docs/streams.md)."""
