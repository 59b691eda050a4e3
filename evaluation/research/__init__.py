"""How right the words, name, industry and home market are that research reads from a website."""
