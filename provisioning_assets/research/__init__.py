"""Website address -> pages -> customer profile."""
