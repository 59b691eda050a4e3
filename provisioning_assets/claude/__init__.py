"""Asks Claude, and accounts for it: prompts, answers that are kept, budget, faults. What it is asked for is the rooms' affair."""
