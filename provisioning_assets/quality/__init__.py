"""Tables -> data-quality report: what holds exactly, how lifelike the data are, and how strong each planted insight is."""
