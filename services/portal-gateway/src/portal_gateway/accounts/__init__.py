"""Who uses the installation: admins, their sessions and tokens, customers and their portal accounts."""
