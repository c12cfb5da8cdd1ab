"""An nbgrader course made of our marks, and the marks that were given there by hand."""
