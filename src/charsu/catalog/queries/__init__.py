"""What is asked of the catalog, one question a file."""
