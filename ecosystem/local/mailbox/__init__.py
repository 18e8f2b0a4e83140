"""The mailbox of the embedded stack: every e-mail that the product sent, in a browser."""
