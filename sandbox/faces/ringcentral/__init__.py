"""RingCentral's platform API: OAuth, subscriptions (WebHook and WebSocket), call control, events and reads.

Built from RingCentral's "Extension Telephony Sessions Event" and its public developer guide and API reference.
"""
