"""What several tests share and what holds for all of them."""
