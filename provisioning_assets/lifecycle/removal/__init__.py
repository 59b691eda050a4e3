"""How demos end: when they expire, how they are removed, the record of it, and what is left without a demo."""
