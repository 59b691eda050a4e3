"""Demo data set -> Conversational Analytics agent, and its evaluation."""
