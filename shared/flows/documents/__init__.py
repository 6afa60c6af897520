"""What the mapping of CRM documents to Shopify orders cannot say: their lines and money, and which of a deal is sent.

`lines` and `money` make one form of opportunities, orders and invoices; `deal` tells which documents are one sale;
`states` what a document's state means. Pure: content in, plain values out.
"""
