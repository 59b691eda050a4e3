"""What the product itself writes into a demo - headings, captions, small sentences - in every language of a demo."""
