"""Hot paths beside the same work written by hand."""
