"""Tools for the author of a blueprint: a new file, its check, and the schema of the format. They combine the other packages."""
