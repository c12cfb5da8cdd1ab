"""What judges an answer: it is run with a limit, compared, and told what is wrong."""
