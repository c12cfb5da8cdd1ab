"""Tests in a browser: a package, so that what they share (scope "package") ends with the last of them."""
