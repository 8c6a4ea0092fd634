"""What the studio sets once and every service works with: profile, accounts, terms, numbering, features."""
