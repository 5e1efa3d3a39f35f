"""Kwebbl's Realtime API 1.0.0, revision 17. Section names in comments are those of its document."""
