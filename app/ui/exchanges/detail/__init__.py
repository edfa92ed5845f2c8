"""One exchange in full: overview, request, response, timing, raw, and the replay editor."""
