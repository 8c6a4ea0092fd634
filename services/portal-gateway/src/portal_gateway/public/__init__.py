"""Pages behind personal links: answering a quote, signing a contract. Nobody is signed in here."""
