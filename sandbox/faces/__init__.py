"""Each package here speaks one vendor's protocol over the engine."""
