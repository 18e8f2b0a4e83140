"""The embedded stack: stand-ins of every vendor, on one machine. Never in production."""
