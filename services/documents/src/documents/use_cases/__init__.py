"""What the documents service does: make documents, queue mails, hand them over."""
