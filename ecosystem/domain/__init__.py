"""Rules and values of travel, pure: no database, no vendor, no framework."""
