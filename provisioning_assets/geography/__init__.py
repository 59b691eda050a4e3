"""Where towns are and how addresses in them are written. A language like ``data_model``: it imports no room."""
