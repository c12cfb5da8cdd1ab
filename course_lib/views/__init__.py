"""What widgets share: they say when nobody answers any more, and leave in the saved notebook what they showed last."""
