"""Helper processes of ours (relay, demo service): how they are started, and how they end with their parent."""
