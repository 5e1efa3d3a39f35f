"""The usual way, by the book: a DRF view saves a model and calls channels_redis; a consumer passes the event on."""
