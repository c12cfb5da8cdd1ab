"""The notebooks that learners get: built, opened in JupyterLab, and known again when they come back."""
