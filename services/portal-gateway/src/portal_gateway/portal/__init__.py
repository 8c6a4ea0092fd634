"""The customer portal: what a signed-in customer sees of own quotes, contracts and bills."""
