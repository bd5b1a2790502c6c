"""What changes the catalog, one verb a file."""
