"""The words of mails and their form as MIME messages; pure."""
