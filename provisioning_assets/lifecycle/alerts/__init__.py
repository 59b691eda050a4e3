"""What owners are told: written to an outbox where it happens, delivered by one sensor."""
