"""What is over: calls, recordings, voicemails."""
