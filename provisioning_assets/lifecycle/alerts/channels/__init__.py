"""The channels that alerts go through: Slack, mail, and any webhook."""
