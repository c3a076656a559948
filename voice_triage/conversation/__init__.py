"""The talk itself. Only this room knows all the others."""
