"""Definition of the data model: populations, columns, generators, effects, expressions, and every rule about a model."""
