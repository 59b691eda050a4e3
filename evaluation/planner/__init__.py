"""How well Claude plans: recorded answers, a server that replays them, and the evaluation of plans."""
