"""What the CE shows: booklet and scorecard."""
