"""The state of lines: who is present, who diverts, what a line does."""
