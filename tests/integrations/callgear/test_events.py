"""Notifications and polls, alone and together: each alone tells the whole call, and both together tell it once."""
