"""What the product is tried on: an invented chain, a real grocer's year, a real wholesaler."""
