"""Customer profile -> demo plan and data model. The industries are data, in blueprints/."""
