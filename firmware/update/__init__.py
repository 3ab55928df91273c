"""New firmware over the air: taken in pieces, tried, confirmed or left again."""
