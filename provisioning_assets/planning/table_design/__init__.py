"""A filled blueprint's tables -> the data model's tables: what an author left out is decided here and nowhere else."""
