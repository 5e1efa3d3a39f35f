"""CallGear's Call API, Data API and HTTP notifications over the engine."""
