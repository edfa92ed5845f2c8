"""Services around the tunnels: which web services run on this machine, helper processes of ours, the demo service."""
