"""Questions -> golden queries: executed, charted, insights proved."""
