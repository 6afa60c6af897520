"""Opportunities, quotes, orders and invoices with their lines: checks, prices, totals, states."""
