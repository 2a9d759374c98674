"""One GraphQL schema over the three services. No business rule lives here."""
