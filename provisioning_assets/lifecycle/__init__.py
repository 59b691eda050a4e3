"""A demo's life after it was made: teardown."""
