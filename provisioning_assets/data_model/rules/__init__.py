"""Every rule about a data model, by subject."""
