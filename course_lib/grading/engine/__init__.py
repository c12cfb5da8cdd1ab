"""Running answers that nobody trusts, in a sandbox, and judging what comes out of it."""
