"""Bulk operations: queries over the whole store into a file, and mutations from a file, in the background."""
