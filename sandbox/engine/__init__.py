"""A small call engine that knows no vendor: companies, extensions, calls and their legs."""
