"""What a page does through a tunnel and not without one: both ways in a browser, compared, with advice for each."""
