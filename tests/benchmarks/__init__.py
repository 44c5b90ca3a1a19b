"""What `make bench` prints: our optimisers beside the neighbours' in one process, and the app in a real Chromium."""
