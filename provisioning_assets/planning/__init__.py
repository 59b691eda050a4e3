"""Customer profile -> demo plan, data model, golden queries. The industries are data, in blueprints/."""
