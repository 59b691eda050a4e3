"""Makes a Conversational Analytics agent for a demo data set, and evaluates it."""
