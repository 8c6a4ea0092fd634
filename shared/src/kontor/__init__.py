"""Common library of Kontor's services. Nothing here knows a quote, a contract or an invoice."""
