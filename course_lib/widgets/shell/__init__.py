"""What all explorers share: pictures made of panels, and the two ways to draw them."""
