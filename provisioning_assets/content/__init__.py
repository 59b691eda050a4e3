"""The booklet and the scorecard that the Customer Engineer works with."""
