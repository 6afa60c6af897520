"""A Shopify Admin GraphQL server that behaves as the recorded stores did.

It models the vendor from recorded evidence; it must never be fitted to the app or to a test, and never answers
a silent null for something it does not model.
"""
