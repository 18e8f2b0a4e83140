"""AWS Lambda handlers. Each file is deployed alone, so it uses what Lambda's Python has."""
