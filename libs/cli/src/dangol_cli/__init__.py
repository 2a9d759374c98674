"""The `dangol` command: keys, tokens and tenants of an installation."""
