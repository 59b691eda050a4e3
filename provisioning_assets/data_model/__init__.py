"""The language of tables: populations, columns, generators, effects, expressions, and every rule about a model."""
