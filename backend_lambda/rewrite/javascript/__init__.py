"""Scripts of workers: their module specifiers move below the prefix, and the runtime goes in front (J1-J15)."""
