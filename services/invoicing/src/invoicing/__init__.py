"""Invoices and payments: the financial end of a deal."""
