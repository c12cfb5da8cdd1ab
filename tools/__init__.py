"""What only authors run: builds, measurements, claims, studies, the site."""
