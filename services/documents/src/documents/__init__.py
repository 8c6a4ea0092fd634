"""Documents: PDFs, payment slips, storage and mail. Decides nothing about business state."""
