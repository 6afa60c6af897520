"""The tables of what is sold beside orders: gift cards, and checkouts that their buyers left.

Amounts are decimal texts in one currency.
"""

from __future__ import annotations

FIRST_IDS = {
    "GiftCard": 634_045_115_506,
    "GiftCardCreditTransaction": 71_045_115_506,
    "GiftCardDebitTransaction": 72_045_115_506,
    "AbandonedCheckout": 37_211_045_115_506,
    "AbandonedCheckoutLineItem": 1_037_211_045_115_506,
}

DDL = """
CREATE TABLE IF NOT EXISTS gift_cards (
  id INTEGER PRIMARY KEY, code TEXT NOT NULL, currency TEXT NOT NULL, initial_value TEXT NOT NULL,
  balance TEXT NOT NULL, expires_on TEXT, note TEXT, template_suffix TEXT, customer_id INTEGER, source TEXT NOT NULL,
  deactivated_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS gift_cards_code ON gift_cards (code);
CREATE INDEX IF NOT EXISTS gift_cards_created ON gift_cards (created_at, id);
CREATE INDEX IF NOT EXISTS gift_cards_updated ON gift_cards (updated_at, id);
CREATE TABLE IF NOT EXISTS gift_card_transactions (
  id INTEGER PRIMARY KEY, card_id INTEGER NOT NULL, kind TEXT NOT NULL, amount TEXT NOT NULL, note TEXT,
  processed_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS gift_card_transactions_card ON gift_card_transactions (card_id, id);
CREATE TABLE IF NOT EXISTS abandoned_checkouts (
  id INTEGER PRIMARY KEY, customer_id INTEGER, currency TEXT NOT NULL, note TEXT NOT NULL, total TEXT NOT NULL,
  completed_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS abandoned_checkouts_created ON abandoned_checkouts (created_at, id);
CREATE TABLE IF NOT EXISTS abandoned_lines (
  id INTEGER PRIMARY KEY, checkout_id INTEGER NOT NULL, title TEXT NOT NULL, sku TEXT, quantity INTEGER NOT NULL,
  price TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS abandoned_lines_checkout ON abandoned_lines (checkout_id, id);
"""
