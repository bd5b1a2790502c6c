"""Card terminals in stores: what they are asked, what they may say, and what becomes of it."""
